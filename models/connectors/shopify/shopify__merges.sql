-- A guest with a customer's e-mail address is merged into that customer.

{{ guest_merges('shopify', ref('shopify_orders'), source('shopify', 'customer'), 'created_at') }}
