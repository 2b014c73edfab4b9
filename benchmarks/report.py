"""What was measured, as a table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workloads import Workload

ROW = "{:<28} {:>8} {:>9} {:>6} {:>8}  {:<6} {:>4} {:>5}"
TITLES = ("", "limit", "measured", "ratio", "budget", "", "SQL", "most")


@dataclass(frozen=True)
class Result:
    """Of one workload on one database; instructions are of one request."""

    workload: Workload
    database: str
    limit: float
    measured: float
    statements: int

    @property
    def budget(self) -> float:
        return 1000 * self.workload.budget

    @property
    def is_over(self) -> bool:
        return self.measured > self.budget or self.statements > self.workload.statements

    def row(self) -> str:
        return ROW.format(
            self.workload.title,
            thousands(self.limit),
            thousands(self.measured),
            f"{self.measured / self.limit:.1f}",
            thousands(self.budget),
            "OVER" if self.is_over else "under",
            self.statements,
            self.workload.statements,
        )


def thousands(instructions: float) -> str:
    return f"{instructions / 1000:,.0f}"


def print_table(results: Iterable[Result], database: str, requests: int) -> None:
    print(f"\n{database}: thousands of instructions per request, mean of {requests}")
    print(ROW.format(*TITLES).rstrip())
    for result in results:
        print(result.row())


def print_missing(workloads: Iterable[Workload]) -> None:
    for workload in workloads:
        print(f"{workload.title}: left out, the application answers 404")


def print_statements(workload: Workload, statements: Sequence[str]) -> None:
    print(f"\n{workload.title}: {len(statements)}, at most {workload.statements}")
    for number, statement in enumerate(statements, 1):
        print(f"  {number}. {' '.join(statement.split())}")
