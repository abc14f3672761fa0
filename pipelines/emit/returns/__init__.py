"""The return: written through a return profile, then read back from disk, checked and recounted."""

from pipelines.emit.returns.check import CheckedReturn, check_return
from pipelines.emit.returns.judge import judge_return, rule_ids
from pipelines.emit.returns.official import PackReport, ReturnProfile, check_pack, load_profile
from pipelines.emit.returns.problems import Problem
from pipelines.emit.returns.write import write_return
from pipelines.emit.returns.written import ReturnFiles

__all__ = [
    "CheckedReturn",
    "PackReport",
    "Problem",
    "ReturnFiles",
    "ReturnProfile",
    "check_pack",
    "check_return",
    "judge_return",
    "load_profile",
    "rule_ids",
    "write_return",
]
