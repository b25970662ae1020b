-- A guest with a customer's e-mail address is merged into that customer.

{{ guest_merges('woocommerce', ref('woocommerce_orders'), source('woocommerce', 'customers'), 'date_created_gmt') }}
