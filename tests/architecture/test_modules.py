"""The house style, as far as a machine can judge it."""

import ast
import re

from aicc_console.documents import import_all
from tenants.refusals import declared

from .sources import APPS, CHECKOUT, name_of, nodes, product

MODULE_LINES, FUNCTION_LINES = 300, 40
EMPTY_WORDS = {"utils", "util", "helpers", "helper", "services", "service", "common", "misc", "base", "core"}
CATCHES_ALL = {
    "aicc_console/administration/health.py": "whatever a driver raises, the answer is the same",
    "importer/ahead.py": "the other process raises it again",
    "tenants/scoping.py": "the trouble of one tenant must not keep the others waiting; it is logged",
}
COMPOSES_SQL = {  # of names of our own tables and columns
    "tenants/owner.py": "policies and grants",
    "marketing/staging.py": "temporary tables",
    "aicc_console/embedded/postgres.py": "the database's name",
}
HAND_WRITTEN = (*APPS, "docs", "locale", "static", "templates", "tests")  # folders of text that a merge may touch
TEXTS = {".py", ".html", ".js", ".css", ".md", ".po", ".json"}
BY_PREFIX = ("action_state.", "file_type.", "address_untrusted.")  # what follows is an action, a kind, a type


def test_no_module_has_more_lines_than_can_be_read():
    lines = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in product()}

    assert {name: count for name, count in lines.items() if count > MODULE_LINES} == {}


def test_no_function_has_more_lines_than_can_be_read():
    functions = [*nodes(ast.FunctionDef), *nodes(ast.AsyncFunctionDef)]
    lines = {f"{name}:{node.name}": node.end_lineno - node.lineno + 1 for name, node in functions}

    assert {name: count for name, count in lines.items() if count > FUNCTION_LINES} == {}


def test_every_module_is_named_for_what_it_holds():
    assert [name_of(path) for path in product() if EMPTY_WORDS & {*path.relative_to(CHECKOUT).parts, path.stem}] == []


def test_every_module_says_what_it_is_for():
    silent = [name_of(path) for path in product() if path.read_text() and not path.read_text().startswith('"""')]

    assert silent == []


def test_nothing_catches_every_exception():
    everything = {None, "Exception", "BaseException"}
    caught = {name for name, node in nodes(ast.ExceptHandler) if getattr(node.type, "id", node.type) in everything}

    assert caught == set(CATCHES_ALL)


def test_sql_is_composed_where_it_must_be_only():
    def is_composed(call: ast.Call) -> bool:
        name = getattr(call.func, "attr", "")
        composed = any(isinstance(argument, ast.JoinedStr | ast.BinOp) for argument in call.args[:1])
        return name in ("raw", "extra") or (name in ("execute", "executemany", "RawSQL") and composed)

    assert {name for name, call in nodes(ast.Call) if is_composed(call)} == set(COMPOSES_SQL)


def test_nothing_is_evaluated_or_run_by_a_shell():
    """Values of variables are data."""
    names = {"eval", "exec", "compile", "__import__"}
    calls = {name for name, call in nodes(ast.Call) if getattr(call.func, "id", "") in names}
    shells = {name for name, word in nodes(ast.keyword) if word.arg == "shell"}

    assert calls | shells == set()


def test_nothing_happens_behind_a_row():
    signals = {name for name, node in nodes(ast.ImportFrom) if str(node.module).startswith("django.db.models.signals")}
    models = {(name, node.name) for name, node in nodes(ast.FunctionDef) if name.endswith("/models.py")}

    assert signals | {name for name, function in models if function in ("save", "delete")} == set()


def test_every_refusal_is_declared_and_every_declared_one_is_used():
    import_all()
    known = {key for key, _sentence in declared()}
    keys_of_dicts = {id(key) for _name, node in nodes(ast.Dict) for key in node.keys}
    used = {str(node.value) for _name, node in nodes(ast.Constant) if id(node) not in keys_of_dicts}
    calls = [call for _name, call in nodes(ast.Call) if getattr(call.func, "id", "") in ("refusal", "Refused")]
    raised = {call.args[0].value for call in calls if call.args and isinstance(call.args[0], ast.Constant)}

    assert {code for code in raised if code not in known and f"{code}.xls" not in known} == set()
    assert {key for key in known if key not in used and not key.startswith(BY_PREFIX)} == set()


def test_every_code_is_snake_case_and_every_sentence_a_sentence():
    import_all()

    for key, sentence in declared():
        assert re.fullmatch(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)?", key)
        assert str(sentence)[0].isupper() or str(sentence)[0] in "“%", key
        assert str(sentence).endswith((".", ")")), key
        assert "nvalid" not in str(sentence), f"{key}: say what is wrong and what is allowed"


def test_no_text_holds_a_merge_that_was_not_finished():
    marks = re.compile(r"^(<{7} |>{7} )", re.MULTILINE)
    texts = [path for folder in HAND_WRITTEN for path in (CHECKOUT / folder).rglob("*") if path.suffix in TEXTS]

    assert [str(path.relative_to(CHECKOUT)) for path in texts if marks.search(path.read_text(encoding="utf-8"))] == []
