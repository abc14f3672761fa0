"""Which suspects are taken for the reason of differences, by what they add to each count."""

from __future__ import annotations

from pipelines.emit.tables.closing import Target, close
from pipelines.emit.tables.contributions import Contributions, Vector
from pipelines.emit.tables.suppositions import BOUNDARY, LATE, LEFT_OUT, Kind, Supposition


def suspect(kind: Kind, ref: str, **effect: int) -> Supposition:
    return Supposition(kind, ref, "", vector(**effect), None)


def vector(**counts: int) -> Vector:
    return {("A1", path): n for path, n in counts.items()}


def chosen(differences: Vector, *suspects: Supposition, ours: Contributions | None = None) -> list[str]:
    return [one.case_ref for one in close(Target(differences), suspects, ours or Contributions()).chosen]


def test_a_case_that_fits_all_its_cells_is_taken_and_one_that_fits_some_is_not() -> None:
    late = suspect(LATE, "a", total=-1, relief=-1), suspect(LATE, "b", total=-1, prevention=-1)
    assert chosen(vector(total=-1, relief=-1, prevention=0), *late) == ["a"]


def test_of_cases_that_fit_alike_those_are_taken_that_fit_together() -> None:
    late = [suspect(LATE, ref, total=-1, **{path: -1}) for ref, path in zip("abc", ("x", "y", "z"), strict=True)]
    assert chosen(vector(total=-2, x=-1, y=0, z=-1), *late) == ["a", "c"]


def test_two_cases_that_offset_each_other_in_a_total_are_both_found() -> None:
    suspects = suspect(LATE, "a", total=-1, relief=-1), suspect(LEFT_OUT, "b", total=1, prevention=1)
    assert chosen(vector(total=0, relief=-1, prevention=1), *suspects) == ["a", "b"]


def test_few_of_many_that_close_a_part_only_fit_by_chance() -> None:
    late = [suspect(LATE, f"{number}", **{f"c{number % 5}": -1}) for number in range(20)]
    assert chosen(vector(c0=-4, c1=0, c2=0, c3=0, c4=0), *late) == [f"{number}" for number in (0, 5, 10, 15)]
    assert chosen(vector(c0=-9, c1=0, c2=0, c3=0, c4=0), *late) == []


def test_a_date_near_the_boundary_has_to_close_all_that_it_touches() -> None:
    ours = Contributions({f"{number}": vector(total=1, **{f"c{number}": 1}) for number in range(40)})
    near = suspect(BOUNDARY, "a", total=1, other=1)
    assert chosen(vector(total=1, other=1), near, ours=ours) == ["a"]
    assert chosen(vector(total=2, other=1), near, ours=ours) == []


def test_a_date_near_the_boundary_is_no_reason_where_many_cases_look_like_it() -> None:
    ours = Contributions({f"{number}": vector(total=1, social=1) for number in range(40)})
    near = suspect(BOUNDARY, "a", total=1, social=1)
    assert chosen(vector(total=1, social=1), near, ours=ours) == []


def test_a_case_of_ours_too_many_is_not_explained_by_being_near_the_boundary_as_others_are() -> None:
    ours = Contributions({f"{number}": vector(total=1, **{f"c{number}": 1}) for number in range(10)})
    near = [suspect(BOUNDARY, f"{number}", total=-1, **{f"c{number}": -1}) for number in range(3)]
    assert chosen({**vector(total=-1), **{("A1", f"c{n}"): -int(n == 1) for n in range(10)}}, *near, ours=ours) == []
