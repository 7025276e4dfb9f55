"""Drives the real program from outside: start and kill it, talk to its two sides, stand behind it as a backend."""
from .answer import Answer, exchange
from .authority import Authority, Certificate
from .credentials import basic, signed
from .http2 import Http2
from .management import Management, Refused
from .market import Market
from .multitude import Multitude, PostgresTables, SqliteTables, numbered
from .patience import eventually
from .postgres import Postgres
from .process import Lintel, StartFailed, free_port, processor_ns
from .raw_backend import RawBackend
from .recorder import Recorder
from .refusals import pointers, refused
from .server import Server

__all__ = ["Answer", "Authority", "Certificate", "Http2", "Lintel", "Management", "Market", "Multitude", "Postgres", "PostgresTables",
           "RawBackend", "Recorder", "Refused", "Server", "SqliteTables", "StartFailed", "basic", "eventually", "exchange",
           "free_port", "numbered", "pointers", "processor_ns", "refused", "signed"]
