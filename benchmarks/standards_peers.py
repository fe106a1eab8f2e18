"""Other libraries at the cells of benchmarks/standards.py; run there, by a Python that has them.

    PYTHON benchmarks/standards_peers.py < cells.json > answers.json

Reads `{kind: [raw, …]}` and writes `{kind: {peer: {"answers": [value or null, …], "seconds": CPU seconds}}}`; a library that is not
installed is left out.
"""

import contextlib
import importlib
import json
import sys
import time
import unicodedata
import warnings


def phone_parse():
    """Return phonenumbers' plain parser."""
    phonenumbers = importlib.import_module("phonenumbers")

    def read(raw):
        number = phonenumbers.parse(raw, "CN")
        if not phonenumbers.is_valid_number(number):
            return None
        text = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        return f"{text};ext={number.extension}" if number.extension else text

    return read


def phone_matcher():
    """Return phonenumbers' matcher, which finds several numbers in a text."""
    phonenumbers = importlib.import_module("phonenumbers")

    def read(raw):
        found = []
        for match in phonenumbers.PhoneNumberMatcher(raw, "CN"):
            text = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
            found.append(f"{text};ext={match.number.extension}" if match.number.extension else text)
        return "; ".join(dict.fromkeys(found)) or None

    return read


def date_dateparser():
    """Return dateparser with Chinese and English."""
    parse = importlib.import_module("dateparser").parse
    return lambda raw: (found := parse(raw, languages=["zh", "en"])) and found.date().isoformat()


def date_dateutil():
    """Return dateutil."""
    parse = importlib.import_module("dateutil.parser").parse
    return lambda raw: parse(raw).date().isoformat()


def date_pandas():
    """Return pandas."""
    pandas = importlib.import_module("pandas")

    def read(raw):
        found = pandas.to_datetime(raw)
        return None if pandas.isna(found) else found.date().isoformat()

    return read


def date_jionlp():
    """Return jionlp's time parser, where it finds one point of time within one day."""
    with contextlib.redirect_stdout(sys.stderr):
        parse = importlib.import_module("jionlp").parse_time

    def read(raw):
        found = parse(raw, time_base={"year": 2026, "month": 1, "day": 1})
        if found["type"] not in ("time_point", "time_span"):
            return None
        first, last = (moment[:10] for moment in found["time"])
        return first if first == last else None

    return read


def amount_cn2an():
    """Return cn2an's smart mode."""
    cn2an = importlib.import_module("cn2an").cn2an
    return lambda raw: str(cn2an(raw, "smart"))


def amount_price_parser():
    """Return price-parser."""
    price = importlib.import_module("price_parser").Price
    return lambda raw: ((found := price.fromstring(raw).amount) is not None and str(found)) or None


def amount_jionlp():
    """Return jionlp's money parser; of a range it gives no single number."""
    with contextlib.redirect_stdout(sys.stderr):
        parse = importlib.import_module("jionlp").parse_money

    def read(raw):
        found = parse(raw)["num"]
        return found if isinstance(found, str) else None

    return read


def email_validator():
    """Return email-validator without a look at the network."""
    validate = importlib.import_module("email_validator").validate_email
    return lambda raw: validate(raw, check_deliverability=False).normalized.lower()


def name_nfkc():
    """Return what is often done: NFKC, blanks out, brackets full width."""
    return lambda raw: "".join(unicodedata.normalize("NFKC", raw).split()).replace("(", "（").replace(")", "）") or None


def name_cleanco():
    """Return cleanco, which takes the legal form off."""
    return importlib.import_module("cleanco").basename


def brand_companynameparser():
    """Return the brand of companynameparser."""
    with contextlib.redirect_stdout(sys.stderr):
        parse = importlib.import_module("companynameparser").parse
    return lambda raw: parse(raw)["brand"]


def credit_code_stdnum():
    """Return python-stdnum's credit code."""
    return importlib.import_module("stdnum.cn.uscc").validate


def resident_id_stdnum():
    """Return python-stdnum's identity number."""
    return importlib.import_module("stdnum.cn.ric").validate


def reg_no_stdnum():
    """Return the check digit of python-stdnum alone: it has no such number of its own."""
    return importlib.import_module("stdnum.iso7064.mod_11_10").validate


PEERS = {
    "phone": {"phonenumbers": phone_parse, "phonenumbers matcher": phone_matcher},
    "date": {"dateparser": date_dateparser, "dateutil": date_dateutil, "pandas": date_pandas, "jionlp": date_jionlp},
    "amount": {"cn2an": amount_cn2an, "price-parser": amount_price_parser, "jionlp": amount_jionlp},
    "email": {"email-validator": email_validator},
    "company_name": {"NFKC": name_nfkc, "cleanco": name_cleanco},
    "brand": {"companynameparser": brand_companynameparser},
    "credit_code": {"python-stdnum": credit_code_stdnum},
    "resident_id": {"python-stdnum": resident_id_stdnum},
    "reg_no": {"python-stdnum's mod_11_10": reg_no_stdnum},
    "tax_id": {"python-stdnum (credit codes)": credit_code_stdnum},
}


def answers(read, cells, budget=20.0):
    """Return the answers and the CPU seconds; after `budget` seconds no more cells are read, and the speed is of those that were."""
    found, begun = [], time.process_time()
    for raw in cells:
        try:
            value = read(raw)
        except Exception:  # noqa: BLE001
            value = None
        found.append(None if value is None else str(value))
        if time.process_time() - begun > budget:
            break
    return {"answers": found, "seconds": time.process_time() - begun}


def main():
    """Answer all cells."""
    warnings.simplefilter("ignore")
    said = {}
    for name, cells in json.load(sys.stdin).items():
        for peer, make in PEERS.get(name.partition(":")[0], {}).items():
            with contextlib.suppress(ImportError):
                read = make()
                answers(read, cells[:3], 60)  # what is loaded lazily
                said.setdefault(name, {})[peer] = answers(read, cells)
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
