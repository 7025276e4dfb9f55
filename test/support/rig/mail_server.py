"""A mail server that keeps what it is sent."""
import email
import email.policy

from aiosmtpd.controller import Controller

from .process import free_port


class MailServer:
    """Serves on loopback until closed. `mails` holds (sender, recipients, message); with `refusal` it takes nothing."""

    def __init__(self, **settings):
        self.mails, self.refusal = [], None
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port(), **settings)
        self._controller.start()

    @property
    def url(self):
        return f"smtp://127.0.0.1:{self._controller.port}"

    def close(self):
        self._controller.stop()

    def to(self, address):
        """The messages to an address, oldest first."""
        return [message for _, recipients, message in list(self.mails) if recipients == [address]]

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802, the name aiosmtpd looks for
        if self.refusal:
            return self.refusal
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails.append((envelope.mail_from, list(envelope.rcpt_tos), message))
        return "250 taken"
