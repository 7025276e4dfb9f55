"""How a caller proves who it is, with a key pair as the management API shows it."""
import base64
import email.utils
import hashlib
import hmac


def basic(pair):
    return {"Authorization": "Basic " + base64.b64encode(f"{pair['key']}:{pair['secret']}".encode()).decode()}


def signed(pair, method, target, date=None):
    """The four headers of the usual signing snippet."""
    path, _, query = target.partition("?")
    date = date or email.utils.formatdate(usegmt=True)
    ordered = "&".join(sorted(query.split("&"))) if query else ""
    text = "\n".join([method, path, ordered, pair["key"], date, ""])
    signature = base64.b64encode(hmac.new(pair["secret"].encode(), text.encode(), hashlib.sha256).digest()).decode()
    return {"X-HMAC-SIGNATURE": signature, "X-HMAC-ALGORITHM": "hmac-sha256", "X-HMAC-ACCESS-KEY": pair["key"], "Date": date}
