"""Personal data by its form: addresses, telephone numbers, accounts and cards with their checksums.

Invariant: a number counts only where its checksum holds or its form is that of a telephone number
with a country; reserved domains and numbers are nobody's.
"""

import re
from collections.abc import Iterator

_MAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}@((?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,24})(?![\w-])"
)
_NOBODYS = re.compile(
    r"(?:^|\.)(?:example|test|invalid|localhost|local|internal)$|(?:^|\.)example\.(?:com|org|net"
    r"|edu)$"
    r"|^(?:domain|email|company|yourdomain|acme|foo|bar|sample|demo|mail)\.(?:com|org|net)$"
    r"|noreply\.github\.com$",
    re.I,
)
_ROLE = re.compile(
    r"^(?:info|contact|support|help|hello|sales|admin|office|press|no-?reply|privacy|legal|hr|it"
    r"|team|service|kontakt"
    r"|contacto|webmaster|abuse|security|secretar\w*|user|name|jane|john|alice|bob)@",
    re.I,
)
_PHONE = re.compile(r"(?<![\w.+-])\+[1-9]\d{0,2}[ .()/-]{0,2}(?:\d[ .()/-]{0,2}){7,11}(?![\w-])")
_IBAN = re.compile(
    r"(?<![A-Za-z0-9])([A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?)(?![A-Za-z0-9])"
)
_CARD = re.compile(r"(?<![\w.-])(?:[3-6]\d{3}[ -]\d{4}[ -]\d{4}[ -]\d{4}|[3-6]\d{14,15})(?![\w.-])")
_SSN = re.compile(r"(?<![\w.-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])")
_TEST_CARDS = {"4242424242424242", "4111111111111111", "5555555555554444", "4000000000000002"}


def found(line: str) -> Iterator[str]:
    """What kinds of personal data a line of at most 2,000 characters seems to hold."""
    if "@" in line:
        mails = (m for m in _MAIL.finditer(line) if not _NOBODYS.search(m[1]))
        if any(not _ROLE.match(m[0]) for m in mails):
            yield "an e-mail address"
    if "+" in line and any(map(_is_dialled, _PHONE.findall(line))):
        yield "a telephone number"
    if any(_iban(m[1]) for m in _IBAN.finditer(line)):
        yield "an account number"
    if any(_luhn(m[0]) for m in _CARD.finditer(line)):
        yield "a card number"
    if _SSN.search(line):
        yield "a social security number"


def _is_dialled(number: str) -> bool:
    """North American numbers 555-01xx and those of one digit are reserved for examples."""
    digits = "".join(c for c in number if c.isdigit())
    return "55501" not in digits and len(set(digits)) > 3


def _iban(written: str) -> bool:
    bare = written.replace(" ", "")
    if not 15 <= len(bare) <= 34:
        return False
    turned = bare[4:] + bare[:4]
    return int("".join(str(int(c, 36)) for c in turned)) % 97 == 1


def _luhn(written: str) -> bool:
    digits = [int(c) for c in written if c.isdigit()]
    if "".join(map(str, digits)) in _TEST_CARDS or len(set(digits)) < 4:
        return False
    doubled = [d * 2 - 9 if d > 4 else d * 2 for d in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
