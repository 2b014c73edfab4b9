"""What may be done with addresses."""

from apiserver.core.tree import Permission


class AddressPermission(Permission):
    """What may be done with addresses."""

    CHANGE = ("address:change", "users:write", "Ask for a change of your address.")
    CONFIRM = ("address:confirm", None, "Confirm an address, by the link of a mail.")
