"""A field of a feature, as the templates need it."""

from collections.abc import Iterator
from dataclasses import dataclass

from tasks.feature import kinds
from tasks.feature.kinds import Kind
from tasks.feature.places import Place

# What the last word of a name means: due_on, paid_at, customer_id.
ENDS = {"on": "date", "at": "time", "id": ""}


@dataclass(frozen=True)
class Field:
    """A field, with everything that the templates write about it."""

    name: str
    kind: Kind
    nullable: bool
    enum: str = ""
    refers_to: Place | None = None

    @property
    def words(self) -> str:
        return self.name.replace("_", " ")

    @property
    def hint(self) -> str:
        """The type in ``Mapped[…]``; where the kind has none, the field's enum."""
        return self.kind.hint.replace("tuple[,", f"tuple[{self.enum},") or self.enum

    @property
    def mapped(self) -> str:
        """The attribute of the model."""
        null = " | None" if self.nullable else ""
        column = self.kind.column.replace("ListOf()", f"ListOf({self.enum})")
        arguments = [column] if column else []
        if self.refers_to is not None:
            gone = "SET NULL" if self.nullable else "CASCADE"
            key = f"{self.refers_to.model.__name__}.id"
            arguments = [f'sa.ForeignKey({key}, ondelete="{gone}")', "index=True"]
        if self.kind.hint == "Any":
            arguments.append(f"nullable={self.nullable}")
        made = f" = mapped_column({', '.join(arguments)})" if arguments else ""
        return f"{self.name}: Mapped[{self.hint}{null}]{made}"

    def node(self, noun: str) -> str:
        """The schema node; ``noun`` is what the object is called."""
        start = self.kind.node
        if self.enum:
            start = start.replace("Choice(", f"Choice({self.enum}")
        if start.startswith(("List(", "Set(")):
            start += f"), {kinds.MOST_ITEMS}"
        about = f'description="{self.description(noun)}"'
        null = ", nullable=True, missing=None" if self.nullable else ""
        comma = "" if start.endswith("(") else ", "
        return f"{start}{comma}{about}{null})"

    def description(self, noun: str) -> str:
        """Return a first sentence for the documentation."""
        kind, _, rest = self.words.partition(" ")
        if rest and kind in {"is", "has"}:
            return f"Whether the {noun} {kind} {rest}."
        what, _, last = self.words.rpartition(" ")
        words = f"{what} {ENDS[last]}".strip() if what and last in ENDS else self.words
        return f"The {words} of the {noun}."

    def filters(self, model: str) -> Iterator[tuple[str, str]]:
        """Yield the names of a list's filters, with their declarations."""
        column = f"{model}.{self.name}"
        for each in self.kind.filters:
            if each == "from":
                yield f"{self.name}_from", f"lists.at_least({column})"
            elif each == "until":
                yield f"{self.name}_until", f"lists.at_most({column})"
            else:
                yield self.name, f"lists.{each}({column})"
        if self.nullable:
            yield f"{self.name}_missing", f"lists.is_null({column})"
