"""Make examples/b2b/raw/*.csv and examples/b2b/truth/*.csv: invented business leads of nine months, with the truth about them.

    python3 examples/b2b/make_data.py            write the files
    python3 examples/b2b/make_data.py --to DIR   write them into another folder

The same seed gives the same bytes: only random() of Python's generator is used, and no clock. docs/b2b.md describes the tables. Nothing here reads
the rules: titles, bots, duplicates and stages are true by how the leads were made.
"""

from __future__ import annotations

import argparse
import csv
import random
import unicodedata
from datetime import date, datetime, timedelta
from pathlib import Path

SEED = 18
FIRST_DAY = date(2026, 1, 1)
LAST_DAY = 272  # 2026-09-30, counted from FIRST_DAY
ACCOUNTS = 100
PERSONS = 376
CAMPAIGNS = [date(2026, month, 12) for month in range(1, 10)]
REENTER_AFTER_DAYS = 90

COUNTRIES = {  # share of the accounts, language, form of the company
    "Poland": (30, "pl", "Sp. z o.o."),
    "Romania": (18, "ro", "SRL"),
    "Portugal": (12, "pt", "Lda"),
    "Brazil": (10, "pt", "Ltda"),
    "Germany": (10, "de", "GmbH"),
    "France": (8, "fr", "SAS"),
    "Spain": (7, "es", "SL"),
    "United Kingdom": (5, "en", "Ltd"),
}
FIRST_NAMES = {
    "pl": "Anna Katarzyna Małgorzata Agnieszka Piotr Krzysztof Tomasz Paweł Łukasz Michał",
    "ro": "Maria Elena Ioana Andreea Andrei Mihai Alexandru Ștefan Ion Cristian",
    "pt": "Ana Beatriz Inês Mariana João Pedro Tiago Rui Luís Gonçalo",
    "de": "Sabine Julia Anja Katrin Thomas Stefan Jürgen Markus Jörg Lukas",
    "fr": "Camille Élodie Claire Sophie Pierre Julien Nicolas François Hugo Thomas",
    "es": "Lucía Carmen Marta Elena Javier Pablo Álvaro Sergio Íñigo Diego",
    "en": "Emma Olivia Grace Hannah James Oliver George Harry Thomas Jack",
}
LAST_NAMES = {
    "pl": "Nowak Kowalska Wiśniewski Wójcik Kamińska Lewandowski Zielińska Szymański Woźniak Dąbrowska Kozłowski Jankowska",
    "ro": "Popescu Ionescu Popa Dumitru Stan Stoica Gheorghe Rusu Munteanu Matei Ciobanu Țăranu",
    "pt": "Silva Santos Ferreira Pereira Oliveira Costa Rodrigues Martins Sousa Gonçalves Almeida Araújo",
    "de": "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schäfer Koch Bauer Größ",
    "fr": "Martin Bernard Dubois Durand Leroy Moreau Lefèvre Girard Roux Fontaine Chevalier Gauthier",
    "es": "García Fernández González Rodríguez López Martínez Sánchez Pérez Gómez Muñoz Álvarez Romero",
    "en": "Smith Jones Taylor Brown Wilson Evans Walker Wright Green Hall Clarke Wood",
}
# Titles by language and level. Some are the plain ones of a list, some are worded as people word them.
TITLES = {
    "executive": {
        "pl": "Prezes zarządu|Właściciel|Dyrektor generalny|Członek zarządu ds. sprzedaży|Współwłaścicielka i prezes",
        "ro": "Director general|Asociat unic|Fondator și CEO|Proprietar|Președinte executiv",
        "pt": "Diretor geral|Sócio-gerente|Fundadora e CEO|Presidente|Proprietário da loja",
        "de": "Geschäftsführer|Geschäftsführerin|Inhaber|Vorstand Vertrieb|Gründerin & CEO",
        "fr": "Directeur général|Président|Gérante associée|Fondateur|Présidente-directrice générale",
        "es": "Director general|Consejero delegado|Propietaria|Fundador y CEO|Gerente general",
        "en": "CEO|Managing Director|Founder|Chief Marketing Officer|Owner & CEO",
    },
    "director": {
        "pl": "Dyrektor sprzedaży|Dyrektor marketingu|Dyrektorka ds. e-commerce|Dyrektor IT",
        "ro": "Director de vânzări|Director de marketing|Directoare comercială|Șef departament vânzări",
        "pt": "Diretor comercial|Diretora de marketing|Diretor de vendas|Chefe de departamento",
        "de": "Vertriebsleiter|Leiterin Marketing|Bereichsleiter Digital|Leiter E-Commerce",
        "fr": "Directeur commercial|Directrice marketing|Directrice de la clientèle|Directeur des systèmes d'information",
        "es": "Director comercial|Directora de marketing|Jefa de ventas|Director de comercio electrónico",
        "en": "Head of Sales|VP Marketing|Director of E-commerce|Marketing Director",
    },
    "manager": {
        "pl": "Kierownik sprzedaży|Kierowniczka działu obsługi|Menedżer produktu|Koordynatorka marketingu",
        "ro": "Manager de vânzări|Coordonator marketing|Manager de proiect",
        "pt": "Gestor de produto|Gestora de marketing|Coordenador de vendas|Supervisor de loja",
        "de": "Teamleiterin Vertrieb|Projektleiter|Produktmanagerin|Marketingmanager",
        "fr": "Chef de projet|Cheffe de produit|Responsable marketing|Manager commercial",
        "es": "Coordinadora de marketing|Jefe de proyecto|Responsable de ventas|Gestor de producto",
        "en": "Marketing Manager|Product Manager|Team Lead Sales|Sales Manager",
    },
    "none": {
        "pl": "Specjalista ds. marketingu|Analityk danych|Programistka|Handlowiec",
        "ro": "Specialist marketing|Analist de date|Programator|Reprezentant vânzări",
        "pt": "Analista de marketing|Especialista em dados|Programador|Vendedora",
        "de": "Sachbearbeiterin|Datenanalyst|Softwareentwickler|Fachkraft Einkauf",
        "fr": "Chargée de marketing|Analyste de données|Développeur|Commerciale",
        "es": "Analista de datos|Especialista en marketing|Desarrolladora|Comercial",
        "en": "Marketing Specialist|Data Analyst|Software Engineer|Account Executive",
    },
    "assistant": {
        "pl": "Asystentka zarządu|Asystent|Stażystka biura",
        "ro": "Asistent manager|Asistentă|Secretară",
        "pt": "Assistente administrativa|Secretária|Assistente",
        "de": "Assistentin der Geschäftsführung|Sekretär|Auszubildende",
        "fr": "Assistante de direction|Assistant|Secrétaire",
        "es": "Asistente de dirección|Secretario|Auxiliar administrativa",
        "en": "Executive Assistant|Office Assistant|Trainee",
    },
    "student": {
        "pl": "Student|Studentka|Praktykantka",
        "ro": "Student|Studentă|Stagiar",
        "pt": "Estudante|Estagiário|Estagiária",
        "de": "Werkstudentin|Praktikant|Studentin",
        "fr": "Étudiante|Stagiaire|Étudiant",
        "es": "Estudiante|Becaria|Becario",
        "en": "Student|Intern|Marketing Intern",
    },
}
BUYING_DEPARTMENTS = {
    "pl": "Marketing|Sprzedaż|E-commerce|Analityka", "ro": "Marketing|Vânzări|E-commerce|Analiză", "pt": "Marketing|Vendas|E-commerce|Comercial",
    "de": "Marketing|Vertrieb|E-Commerce|Analytik", "fr": "Marketing|Ventes|E-commerce|Commercial", "es": "Marketing|Ventas|Comercio electrónico|Comercial",
    "en": "Marketing|Sales|E-commerce|Analytics",
}  # fmt: skip
OTHER_DEPARTMENTS = {
    "pl": "Finanse|Kadry|Produkcja", "ro": "Financiar|Resurse umane|Producție", "pt": "Finanças|Recursos humanos|Produção",
    "de": "Finanzen|Personal|Produktion", "fr": "Finance|Ressources humaines|Production", "es": "Finanzas|Recursos humanos|Producción",
    "en": "Finance|Human Resources|Production",
}  # fmt: skip
GOOD_INDUSTRIES = ["retail", "e-commerce", "software", "financial services"]
FAIR_INDUSTRIES = ["manufacturing", "logistics", "media", "telecommunications"]
OTHER_INDUSTRIES = ["construction", "health", "public sector", "non-profit", "agriculture"]
COMPANY_WORDS = "Alfa Nova Vega Orion Lumen Terra Delta Astra Vista Prima Solar Arbor Kappa Merkur Linea Fortis Omnia Ventus Aqua Corva".split()
COMPANY_KINDS = "Media Trade Tech Logistics Data".split()
PRODUCTS = ["crm", "analytics", "mailing", "shop", "consulting", "training"]
DOCUMENTS = ["ebook-lead-scoring", "ebook-funnel", "checklist-gdpr", "whitepaper-b2b", "report-2026"]
STORIES = ["retailer", "bank", "carrier", "publisher"]
ENGAGING = {"form_submitted", "download", "webinar_registered", "account_registered", "email_reply", "demo_requested", "quote_requested", "consultant_contact"}

COLUMNS = {
    "contacts": "contact_id created_at updated_at email account_id first_name last_name job_title department industry company_size country phone lead_source relationship",
    "accounts": "account_id created_at updated_at name industry company_size country annual_revenue",
    "events": "event_id contact_id anonymous_id event_type occurred_at received_at channel campaign page_url object_id duration_seconds value",
    "identities": "anonymous_id contact_id identified_at",
    "outcomes": "outcome_id contact_id outcome occurred_at value",
    "merges": "from_contact_id into_contact_id merged_at",
    "contact_attributes": "contact_id attribute value changed_at",
    "overrides": "contact_id model_id points reason author valid_from valid_to",
}
TRUTH_COLUMNS = {"contacts": "contact_id person_id joined_by kind is_bot title_level stage cycle", "bot_events": "event_id"}

rng = random.Random(SEED)
raw: dict[str, list[dict]] = {table: [] for table in COLUMNS}
people: list[dict] = []
bot_events: list[str] = []


def chance(share):
    return rng.random() < share


def between(low, high):
    """A whole number, both ends included."""
    return low + int(rng.random() * (high - low + 1))


def pick(items):
    items = items.split("|") if isinstance(items, str) else items
    return items[int(rng.random() * len(items))]


def at(day, hour=None):
    """A moment of a day of the nine months; of the working day if no hour is given."""
    start = datetime.combine(FIRST_DAY, datetime.min.time()) + timedelta(days=day)
    return start + timedelta(hours=between(7, 16) if hour is None else hour, seconds=between(0, 3599))


def ascii_of(text):
    folded = text.replace("ł", "l").replace("Ł", "L").replace("ß", "ss")
    return "".join(letter for letter in unicodedata.normalize("NFKD", folded).lower() if letter.isascii() and letter.isalnum())


# Accounts and contacts


def make_accounts():
    countries = [country for country, (number, _, _) in COUNTRIES.items() for _ in range(number)]
    for number in range(1, ACCOUNTS + 1):
        country = countries[(number * 37) % ACCOUNTS]
        name = f"{COMPANY_WORDS[number % 20]} {COMPANY_KINDS[number * 7 // 20 % 5]}"
        industry = pick(pick([GOOD_INDUSTRIES, GOOD_INDUSTRIES, FAIR_INDUSTRIES, FAIR_INDUSTRIES, OTHER_INDUSTRIES]))
        size = pick([between(2, 9), between(10, 49), between(50, 249), between(250, 999), between(50, 499), between(1000, 4000)])
        fits = (industry in GOOD_INDUSTRIES) + (50 <= size < 1000) + (country in ("Poland", "Romania", "Portugal", "Brazil"))
        yield {
            "account_id": f"a{number:03}", "created_at": at(-between(1, 300)), "name": f"{name} {COUNTRIES[country][2]}", "industry": industry,
            "company_size": size, "country": country, "annual_revenue": size * between(60, 180) * 1000, "language": COUNTRIES[country][1],
            "domain": f"{ascii_of(name)}-{number}.example", "fits": fits,
        }  # fmt: skip


def add_contact(account, kind, created, level=None, **given):
    """A person as a contact. `created` is a day; its attributes are those of one version."""
    language = account["language"]
    level = level or pick(["executive", "director", "director", "manager", "manager", "none", "none", "none", "none", "assistant", "missing"])
    first, last = pick(FIRST_NAMES[language].split()), pick(LAST_NAMES[language].split())
    number = len(people) + 1
    person = {
        "contact_id": f"c{number:03}", "created_at": at(created), "updated_at": None, "email": f"{ascii_of(first)}.{ascii_of(last)}.{number}@{account['domain']}",
        "account_id": account["account_id"], "first_name": first, "last_name": last, "job_title": None if level == "missing" else pick(TITLES[level][language]),
        "department": pick(BUYING_DEPARTMENTS[language] if chance(0.5) else OTHER_DEPARTMENTS[language]), "industry": account["industry"],
        "company_size": account["company_size"], "country": account["country"], "phone": f"+00 555 {number:04}" if chance(0.4) else None,
        "lead_source": pick(["website", "website", "webinar", "trade fair", "advertisement", "partner", "bought list"]), "relationship": "prospect",
    }  # fmt: skip
    if chance(0.08):
        person |= {"industry": None, "company_size": None}
    person |= given
    people.append({
        "row": person, "account": account, "kind": kind, "created": created, "level": "none" if level == "missing" else level, "visitor": f"v{number:03}",
        "identified": None, "survivor": None, "joined_by": None, "is_bot": False, "reads": 0.0, "clicks": 0.0, "mailed_until": LAST_DAY,
    })  # fmt: skip
    return people[-1]


# Events


def event(person, kind, when, anonymous=False, **given):
    """An event of a person; a small part is received late or twice."""
    row = {"event_id": f"e{len(raw['events']) + 1:05}", "event_type": kind, "occurred_at": when, **given}
    row["anonymous_id" if anonymous else "contact_id"] = person["visitor"] if anonymous else person["row"]["contact_id"]
    late = timedelta(hours=between(3, 40)) if when < at(LAST_DAY - 3, 0) and chance(0.01) else timedelta(seconds=between(1, 20))
    row["received_at"] = when + late
    raw["events"].append(row)
    return row


def identify(person, when):
    """The visitor is known from now on."""
    if not person["identified"]:
        person["identified"] = when
        raw["identities"].append({"anonymous_id": person["visitor"], "contact_id": person["row"]["contact_id"], "identified_at": when})


def visit(person, day, depth=1, pages=(), channel=None, campaign=None, when=None):
    """A visit of the website: the start page or a blog, offers by depth, then the given pages. Returns the moment after it."""
    when = when or at(day)
    anonymous = person["identified"] is None or (person["identified"] < when and chance(0.2))
    paths = [pick(["", "blog/lead-scoring", "blog/news", "about"])]
    paths += [f"product/{pick(PRODUCTS[:2] if depth > 2 else PRODUCTS)}" for _ in range(between(0, min(depth, 2)))] + list(pages)
    for path in paths:
        seconds = between(10, 90) + depth * between(0, 60)
        same = {"channel": channel, "campaign": campaign, "page_url": f"https://shop.example/{path}"}
        event(person, "page_view", when, anonymous, duration_seconds=seconds, **same)
        if path.startswith("product/"):
            event(person, "offer_view", when + timedelta(seconds=2), anonymous, duration_seconds=seconds - 2, object_id=path[8:], **same)
        when += timedelta(seconds=seconds + between(1, 30))
    if chance(0.1 * depth):
        event(person, pick(["site_search", "cta_click", "cta_click", "popup_click"]), when, anonymous, page_url="https://shop.example/")
    return when + timedelta(seconds=30)


def submit(person, day, kind, thing=None, **given):
    """Something that a person does by a form on the website: this also identifies the visitor."""
    when = visit(person, day)
    identify(person, when)
    return event(person, kind, when, channel="web", object_id=thing, page_url="https://shop.example/forms", **given)


def download(person, day):
    submit(person, day, "download", pick(DOCUMENTS))


def webinar(person, day, attends):
    submit(person, day, "webinar_registered", "webinar-scoring")
    later = day + between(3, 9)
    if later <= LAST_DAY:
        kind = "webinar_attended" if attends else "webinar_missed"
        event(person, kind, at(later, 11), channel="web", object_id="webinar-scoring", duration_seconds=between(1500, 3300) if attends else None)


def minor(person, day):
    """One of the small signs of interest on other channels."""
    kind = pick(["social_follow", "social_engagement", "social_share", "push_click", "remarketing_click", "ad_click", "survey_answered", "popup_click"])
    channel = {"s": "social", "p": "web", "r": "display", "a": "paid_search"}[kind[0]]
    event(person, kind, at(day), channel=channel, campaign="brand-2026" if kind in ("remarketing_click", "ad_click") else None)


def outcome(person, name, when, value=None):
    number = len(raw["outcomes"]) + 1
    raw["outcomes"].append({"outcome_id": f"o{number:03}", "contact_id": person["row"]["contact_id"], "outcome": name, "occurred_at": when, "value": value})


def warm_up(person, start, end, density):
    """Visits that come closer together until the end, deeper each time, with case studies and then prices."""
    day, step = start, 12
    while day <= end:
        progress = (day - start) / max(1, end - start)
        pages = ["pricing"] if progress > 0.5 and chance(0.7) else [f"customers/{pick(STORIES)}"] if chance(0.4) else []
        visit(person, day, 1 + int(3 * progress), pages)
        if chance(0.3):
            minor(person, day)
        step = max(3, int(step * 0.75))
        day += max(1, int(between(2, step) / density))


def buy(person, end, first_time=True):
    """The last two weeks before a purchase: demo, consultation, quote, cart, contract."""
    value = between(20, 400) * 100
    if first_time or chance(0.5):
        submit(person, end - between(13, 18), "demo_requested", "demo")
    outcome(person, "qualified", at(end - between(10, 12), 17))
    event(person, "consultant_contact", at(end - between(8, 10)), channel="phone", duration_seconds=between(300, 1800))
    visit(person, end - between(5, 7), 3, ["pricing"])
    if chance(0.4):
        event(person, "meeting_scheduled", at(end - 8), channel="phone")
        event(person, "meeting", at(end - 4), channel="in person", duration_seconds=3600)
    if chance(0.6):
        submit(person, end - between(4, 6), "quote_requested", "quote")
    if chance(0.5):
        event(person, "cart_add", at(end - 1), channel="web", object_id=pick(PRODUCTS), value=value)
    event(person, "purchase", at(end, 15), channel="sales", object_id=pick(PRODUCTS), value=value)
    outcome(person, "won", at(end, 18), value)


def override(person, points, reason, day):
    row = {"contact_id": person["row"]["contact_id"], "model_id": "b2b_starter", "points": points, "reason": reason, "author": "sales@vendor.example"}
    raw["overrides"].append(row | {"valid_from": at(day, 0), "valid_to": at(day + 60, 0)})


# Kinds of leads


def live_buyer(person):
    start, end = person["created"], min(person["created"] + between(28, 65), LAST_DAY - 4)
    if chance(0.5):
        visit(person, start - between(1, 15), 1, channel="paid_search", campaign="brand-2026")
    download(person, start)
    if chance(0.8):
        warm_up(person, start + 2, end, 1.2)
        webinar(person, start + between(4, 12), chance(0.9))
    if chance(0.4):
        event(person, "email_reply", at(end - between(9, 14)), channel="email", campaign="sales")
    buy(person, end)
    person |= {"reads": 0.6, "clicks": 0.4}
    day = end + between(35, 80)
    while day <= LAST_DAY:
        visit(person, day, 1)
        if chance(0.4):
            event(person, "purchase", at(day, 14), channel="sales", object_id=pick(PRODUCTS), value=between(5, 60) * 100)
        day += between(35, 80)


def live_influencer(person):
    start = person["created"]
    end = min(start + between(20, 50), LAST_DAY)
    submit(person, start, pick(["download", "webinar_registered", "form_submitted"]), pick(DOCUMENTS))
    warm_up(person, start + 3, end, 0.6)
    person |= {"reads": 0.5, "clicks": 0.3}


def live_lost(person, comes_back=False):
    start = person["created"]
    qualified = start + between(15, 40)
    lost = qualified + between(15, 30)
    submit(person, start, "form_submitted", pick(["newsletter", "contact-sales", "contact-sales"]))
    warm_up(person, start + 3, qualified, 0.6)
    if chance(0.5):
        submit(person, qualified - 3, "demo_requested", "demo")
    outcome(person, "qualified", at(qualified, 17))
    event(person, "consultant_contact", at(qualified + 2), channel="phone", duration_seconds=between(60, 700))
    if chance(0.4):
        event(person, "cart_add", at(lost - 5, 9), channel="web", object_id="training", value=500)
        event(person, "cart_remove", at(lost - 2, 9), channel="web", object_id="training", value=500)
    outcome(person, "lost", at(lost, 18))
    if comes_back:
        again = lost + between(95, 110)
        download(person, again)
        warm_up(person, again + 2, min(again + 14, LAST_DAY), 0.8)
        person |= {"reads": 0.4, "clicks": 0.3}


def live_in_progress(person, asks):
    start = person["created"]
    submit(person, start, "account_registered", "trial")
    download(person, start + 1)
    warm_up(person, start + 2, LAST_DAY - 1, 1.0)
    if start < 240:
        webinar(person, start + 5, attends=True)
    qualified = LAST_DAY - between(3, 9)
    submit(person, qualified - 1, pick(["form_submitted", "demo_requested"]), "contact-sales")
    outcome(person, "qualified", at(qualified, 17))
    event(person, "cart_add", at(LAST_DAY - 2), channel="web", object_id=pick(PRODUCTS), value=between(5, 40) * 100)
    if asks:
        submit(person, LAST_DAY, asks, "call")
    elif not raw["overrides"]:
        override(person, 25, "Told us at the fair that the budget is approved.", LAST_DAY - 5)
    person |= {"reads": 0.7, "clicks": 0.4}


def live_curious(person):
    """Looks like a buyer and asks for a demo, but nothing comes of it."""
    end = person["created"] + between(20, 40)
    download(person, person["created"])
    warm_up(person, person["created"] + 2, end, 1.0)
    submit(person, end, "demo_requested", "demo")
    person |= {"reads": 0.3, "clicks": 0.3}


def live_ruled_out(person):
    submit(person, person["created"], "form_submitted", "contact-sales")
    visit(person, person["created"] + 1, 2, ["pricing"])
    outcome(person, "disqualified", at(person["created"] + between(3, 8), 17))


def live_engaged(person):
    day = person["created"]
    for _ in range(between(1, 3)):
        if day > LAST_DAY:
            break
        what = pick(["download", "download", "webinar", "form_submitted", "account_registered", "event_attended"])
        if what == "download":
            download(person, day)
        elif what == "webinar":
            webinar(person, day, chance(0.6))
        elif what == "event_attended":
            event(person, what, at(day), channel="trade fair", object_id="fair-2026")
        else:
            submit(person, day, what, "trial" if what == "account_registered" else "newsletter")
        for _ in range(between(0, 3)):
            visit(person, min(day + between(1, 12), LAST_DAY), between(1, 2), ["pricing"] if chance(0.1) else [])
        if chance(0.3):
            minor(person, min(day + between(1, 20), LAST_DAY))
        day += between(40, 120)
    person |= {"reads": 0.4, "clicks": 0.2}


def live_reader(person):
    if chance(0.6):
        submit(person, person["created"], "newsletter_subscribed")
    if chance(0.1):
        visit(person, min(person["created"] + between(1, 30), LAST_DAY), 0, ["careers"])
    if chance(0.1):
        event(person, "email_soft_bounce", at(LAST_DAY - between(2, 80)), channel="email", campaign="news")
    person |= {"reads": 0.55, "clicks": 0.2}


def live_silent(person):
    person["reads"] = 0.03
    if not person["row"]["email"]:
        event(person, "event_attended", at(max(person["created"], 1)), channel="trade fair", object_id="fair-2026")


def live_idle(person):
    """Wanted all in February of the year before, and has done nothing since."""
    start = person["created"]
    for thing in ("account_registered", "demo_requested", "quote_requested"):
        submit(person, start + between(0, 9), thing)
    webinar(person, start + 2, attends=True)
    warm_up(person, start + 1, start + 14, 1.5)


def live_competitor(person):
    person["row"]["relationship"] = "competitor"
    for day in range(person["created"], LAST_DAY, between(20, 40)):
        visit(person, day, 3, ["pricing"])
    download(person, person["created"])


def live_student(person):
    for _ in range(between(2, 4)):
        download(person, min(person["created"] + between(0, 20), LAST_DAY))


def live_applicant(person):
    when = visit(person, person["created"], 0, ["careers", "careers/developer"])
    identify(person, when)
    event(person, "job_application", when, channel="web", object_id="developer")


def live_bounced(person):
    day = person["created"] + between(2, 20)
    download(person, person["created"])
    event(person, "email_hard_bounce", at(day), channel="email", campaign="welcome")
    raw["contact_attributes"].append({"contact_id": person["row"]["contact_id"], "attribute": "email_status", "value": "bounced", "changed_at": at(day, 20)})
    person["mailed_until"] = day


def live_refuser(person, complains):
    live_engaged(person)
    day = min(person["created"] + between(20, 90), LAST_DAY)
    if chance(0.3):
        event(person, "push_unsubscribe", at(day), channel="web")
    event(person, "spam_complaint" if complains else "unsubscribe", at(day), channel="email", campaign="news")
    person["mailed_until"] = day


def live_unsubscribed_hot(person):
    """Does not want mails, but comes close to a decision."""
    live_in_progress(person, None)
    event(person, "unsubscribe", at(person["created"] + 3), channel="email", campaign="news")
    person |= {"mailed_until": person["created"] + 3, "reads": 0, "clicks": 0}


def live_fake(person):
    submit(person, person["created"], "form_submitted", "newsletter")
    person["mailed_until"] = person["created"]


def send_newsletters(scanned):
    """A newsletter a month. People open it after minutes or hours; a mail scanner of the company opens all links at once."""
    for sent in CAMPAIGNS:
        day, campaign = (sent - FIRST_DAY).days, f"news-{sent:%Y-%m}"
        for person in people:
            if not person["row"]["email"] or not person["created"] < day <= person["mailed_until"]:
                continue
            when = at(day, 9)
            same = {"channel": "email", "campaign": campaign}
            event(person, "email_delivered", when, **same)
            if person["account"]["account_id"] in scanned:
                first = when + timedelta(seconds=1)
                rows = [event(person, "email_open", first, **same)]
                links = [f"https://shop.example/news/{number}" for number in range(1, between(3, 4) + 1)]
                rows += [event(person, "email_click", first + timedelta(seconds=number // 2 + 1), page_url=link, **same) for number, link in enumerate(links)]
                bot_events.extend(row["event_id"] for row in rows)
            if chance(person["reads"]):
                when += timedelta(minutes=between(10, 600))
                event(person, "email_open", when, **same)
                if chance(person["clicks"]):
                    when += timedelta(seconds=between(15, 60))
                    event(person, "email_click", when, page_url="https://shop.example/news/1", **same)
                    identify(person, when)
                    visit(person, day, 1, channel="email", campaign=campaign, when=when + timedelta(seconds=3))


# Duplicates


def duplicate(person, by):
    """The same person as a second contact: merged in the CRM, or with the same e-mail address."""
    row = person["row"]
    created = min(person["created"] + between(10, 60), LAST_DAY - 12)
    other = add_contact(person["account"], "duplicate", created, first_name=row["first_name"], last_name=row["last_name"], job_title=row["job_title"])
    other |= {"survivor": person, "joined_by": by, "level": person["level"]}
    submit(other, created, pick(["download", "form_submitted"]), pick(DOCUMENTS))
    if by == "merge":
        merged = {"from_contact_id": other["row"]["contact_id"], "into_contact_id": row["contact_id"], "merged_at": at(created + between(1, 10))}
        raw["merges"].append(merged)
    else:
        other["row"]["email"] = pick([row["email"].upper(), f" {row['email']}", row["email"].title()])


# Truth


def stage_of(person):
    """The stage on the last day, without those that depend on scores, and the number of the cycle."""
    ids = {other["row"]["contact_id"] for other in people if other is person or other["survivor"] is person}
    visitors = {row["anonymous_id"]: row["identified_at"] for row in raw["identities"] if row["contact_id"] in ids}
    entries = [(person["row"]["created_at"].date(), 1, "lead")]
    for row in raw["events"]:
        if row["event_type"] in ENGAGING and (row.get("contact_id") in ids or row.get("anonymous_id") in visitors):
            entries.append((max(row["received_at"], visitors.get(row.get("anonymous_id"), row["received_at"])).date(), 2, "engaged"))
    ends = {"qualified": (4, "sales_qualified"), "won": (5, "customer"), "lost": (6, "lost"), "disqualified": (7, "disqualified")}
    entries += [(row["occurred_at"].date(), *ends[row["outcome"]]) for row in raw["outcomes"] if row["contact_id"] in ids]
    position, stage, cycle, ended = 0, "lead", 1, None
    for day, place, name in sorted(entries):
        if ended:
            may_return = ended[1] == "lost" and (day - ended[0]).days >= REENTER_AFTER_DAYS
            if place > 4 or not may_return:
                continue
            position, cycle, ended = 0, cycle + 1, None
        if place > position:
            position, stage = place, name
        if place > 4:
            ended = (day, name)
    return stage, cycle


def make():
    """Fill the raw tables. The order of the steps is the order of the random numbers."""
    accounts = list(make_accounts())
    by_fit = sorted(accounts, key=lambda account: (-account["fits"], account["account_id"]))
    # Most of those who buy fit well, as do many who do not.
    won, others = by_fit[:22] + by_fit[40:46] + by_fit[80:82], by_fit[22:40] + by_fit[46:80] + by_fit[82:]
    plans = []
    for number, account in enumerate(won):
        buyer = add_contact(account, "buyer", between(4, 205), pick(["executive", "director", "director", "manager", "none"]), phone="+00 555 9999")
        plans.append((buyer, live_buyer))
        for _ in range(1 + number % 3):
            plans.append((add_contact(account, "influencer", max(1, buyer["created"] + between(-5, 20))), live_influencer))
    for number, account in enumerate(others[0:36:2]):
        plans.append((add_contact(account, "lost", between(4, 60) if number < 6 else between(4, 200)), lambda p, n=number: live_lost(p, n < 6)))
    asks = ["demo_requested", "quote_requested", "meeting_scheduled", None, None, None, None, None]
    for account, asked in zip(others[1:17:2], asks, strict=True):
        lead = add_contact(account, "in_progress", between(225, 250), pick(["executive", "director", "manager"]))
        plans.append((lead, lambda p, a=asked: live_in_progress(p, a)))
    plans += [(add_contact(account, "unsubscribed_hot", between(225, 250), "director"), live_unsubscribed_hot) for account in others[17:21:2]]
    plans += [(add_contact(account, "curious", between(10, 225)), live_curious) for account in others[21:36:2]]
    plans += [(add_contact(account, "ruled_out", between(10, 240)), live_ruled_out) for account in others[36:42]]
    plans += [(add_contact(account, "competitor", between(10, 120)), live_competitor) for account in others[66:70]]
    plans += [(add_contact(pick(others), "student", between(10, 250), "student"), live_student) for _ in range(10)]
    plans += [(add_contact(pick(others), "applicant", between(10, 250)), live_applicant) for _ in range(6)]
    plans += [(add_contact(pick(accounts), "bounced", between(10, 240)), live_bounced) for _ in range(6)]
    plans += [(add_contact(pick(accounts), "refuser", between(4, 180)), lambda p, n=number: live_refuser(p, n < 2)) for number in range(16)]
    plans += [(add_contact(account, "idle", between(-330, -320), "executive", phone="+00 555 0000"), live_idle) for account in by_fit[2:10]]
    for number in range(8):
        fake = {"last_name": pick(["Test", "asdf", "xxx"])} | ({"email": f"{pick(['asdf', 'qwe', 'nobody'])}{number}@mailinator.com"} if number % 2 else {})
        plans.append((add_contact(pick(others), "fake", between(10, 250), "missing", **fake), live_fake))
    scanned = {account["account_id"] for account in others[42:48]}
    for number in range(14):
        bot = add_contact(others[42 + number % 6], "silent", -between(20, 60), lead_source="bought list")
        bot["is_bot"] = True
        plans.append((bot, lambda p: None))
    # Two people behind one address of an office are two people.
    for account in others[48:51]:
        plans += [(add_contact(account, "reader", between(4, 200), email=f"office@{account['domain']}"), live_reader) for _ in range(2)]
    rest = PERSONS - len(people)
    for number in range(rest):
        kind = pick(["engaged", "engaged", "reader", "reader", "reader", "silent", "silent", "silent"])
        created = -between(1, 200) if kind == "silent" else between(4, 265)
        live = {"engaged": live_engaged, "reader": live_reader, "silent": live_silent}[kind]
        account = accounts[number * 13 % ACCOUNTS]
        mail = {"email": f"{kind}.{number}@gmail.example"} if chance(0.08) else {"email": None} if kind == "silent" and chance(0.1) else {}
        plans.append((add_contact(account, kind, created, **mail), live))
    for person, live in plans:
        live(person)
    twice = [person for person in people if person["kind"] == "engaged" or (person["kind"] == "reader" and not person["row"]["email"].startswith("office@"))]
    for number in range(24):
        duplicate(twice[number * len(twice) // 24], "merge" if number % 2 else "email")
    send_newsletters(scanned)
    change_contacts()
    for number in range(40):
        stranger = {"visitor": f"u{number:02}", "identified": None, "row": {}}
        visit(stranger, between(0, LAST_DAY))
    raw["accounts"] = accounts
    raw["contacts"] += [person["row"] for person in people]
    raw["events"] += [row | {"received_at": row["received_at"] + timedelta(hours=1)} for row in raw["events"] if chance(0.005)]


def change_contacts():
    """Some people are promoted or leave a telephone number: a later version, or a dated attribute."""
    for person in [person for person in people if person["kind"] == "engaged"][::9]:
        later = person["row"] | {"updated_at": at(min(person["created"] + between(5, 60), LAST_DAY)), "phone": "+00 555 1234"}
        raw["contacts"].append(later)
    for person in [person for person in people if person["kind"] == "reader"][::12]:
        day = min(person["created"] + between(5, 60), LAST_DAY)
        changed = {"contact_id": person["row"]["contact_id"], "attribute": "department", "value": "Marketing", "changed_at": at(day)}
        raw["contact_attributes"].append(changed)


def truth():
    for person in sorted(people, key=lambda person: person["row"]["contact_id"]):
        who = person["survivor"] or person
        stage, cycle = stage_of(who)
        yield {
            "contact_id": person["row"]["contact_id"], "person_id": who["row"]["contact_id"], "joined_by": person["joined_by"], "kind": person["kind"],
            "is_bot": "yes" if person["is_bot"] else "no", "title_level": person["level"], "stage": stage, "cycle": cycle,
        }  # fmt: skip


def write(file, columns, rows):
    file.parent.mkdir(parents=True, exist_ok=True)
    with open(file, "w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns.split(), extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main():
    parser = argparse.ArgumentParser(description="Make the B2B example: raw tables and the truth about them.")
    parser.add_argument("--to", type=Path, default=Path(__file__).resolve().parent, metavar="DIR", help="folder to write into (default: examples/b2b)")
    folder = parser.parse_args().to
    make()
    keys = {"events": ("occurred_at", "event_id", "received_at"), "contacts": ("contact_id",)}
    for table, columns in COLUMNS.items():
        order = keys.get(table, ())
        write(folder / "raw" / f"{table}.csv", columns, sorted(raw[table], key=lambda row: [row[name] for name in order]))
    write(folder / "truth" / "contacts.csv", TRUTH_COLUMNS["contacts"], truth())
    write(folder / "truth" / "bot_events.csv", TRUTH_COLUMNS["bot_events"], [{"event_id": name} for name in sorted(bot_events)])


if __name__ == "__main__":
    main()
