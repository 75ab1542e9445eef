"""Finishing words with the Tab key: what may come next, and the script that each shell needs for asking.

Every script runs ``cpvol --complete =WORD -- EARLIER…``, where WORD is what stands before the cursor, perhaps nothing.
(The sign of equality keeps shells from dropping a word that is empty.) Only names of tasks, options, logs, choices and
help topics are ever given. No records are opened for it, so nobody's name can come out of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cpvol.tasks.build import CpvolTask, Param

_BASH = """\
_cpvol() {
    local IFS=$'\\n' word=${COMP_WORDS[COMP_CWORD]}
    COMPREPLY=($(cpvol --complete "=$word" -- "${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null))
}
complete -o default -F _cpvol cpvol
"""
_ZSH = """\
_cpvol() {
    local -a found
    found=("${(@f)$(cpvol --complete "=${words[CURRENT]}" -- "${(@)words[2,CURRENT-1]}" 2>/dev/null)}")
    if [[ -n "${found[1]}" ]]; then compadd -- "${found[@]}"; else _files; fi
}
compdef _cpvol cpvol
"""
_FISH = """\
function __cpvol_words
    set -l earlier (commandline -opc)
    cpvol --complete "="(commandline -ct) -- $earlier[2..-1] 2>/dev/null
end
complete -c cpvol -a '(__cpvol_words)'
"""
_POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName cpvol -ScriptBlock {
    param($word, $line, $cursor)
    $earlier = @($line.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursor } | ForEach-Object { $_.Extent.Text })
    & cpvol --complete "=$word" -- @earlier 2>$null | ForEach-Object {
        [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
    }
}
"""

SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH, "powershell": _POWERSHELL}
#: What to do with the script.
WHERE = {
    "bash": "Put these lines at the end of the file .bashrc in your home folder, then open a new window.",
    "zsh": "Put these lines at the end of the file .zshrc in your home folder, after compinit, then open a new window.",
    "fish": "Put these lines into the file .config/fish/completions/cpvol.fish in your home folder.",
    "powershell": "Put these lines into the file that $PROFILE names, then open a new window.",
}


def candidates(
    tasks: Mapping[str, CpvolTask], word: str, earlier: Sequence[str], *, topics: Iterable[str]
) -> list[str]:
    """What the word before the cursor may become.

    :param tasks: every task by its full name.
    :param word: what stands before the cursor; may be empty.
    :param earlier: the words before it, without the command's own name.
    """
    # bash takes = for a word of its own.
    given = [each for each in earlier if each != "="]
    named = next((each for each in given if not each.startswith("-")), None)
    if named is None:
        return _beginning(["--help", "--list"] if word.startswith("-") else tasks, word)
    task = tasks.get(named)
    if task is None:
        return []
    values = {"log": _logs(tasks), "topic": list(topics)}
    params = {"--" + param.name.rstrip("_").replace("_", "-"): param for param in task.params}
    before = given[-1] if given else ""
    if word == "=":
        word = ""
    if before in params and not params[before].flag:
        return _beginning(_values(params[before], values), word)
    option, equals, begun = word.partition("=")
    if equals and option in params:
        return [f"{option}={each}" for each in _beginning(_values(params[option], values), begun)]
    if word.startswith("-"):
        used = {each.partition("=")[0] for each in given}
        left = [
            name
            for name, param in params.items()
            if not param.positional and (param.many or name not in used)
        ]
        return _beginning(left, word)
    positional = next((param for param in task.params if param.positional), None)
    return _beginning(_values(positional, values), word) if positional else []


def _logs(tasks: Iterable[str]) -> list[str]:
    """The logs, as the names of their tasks give them: their models would take too long to load at each Tab."""
    adding = [name.removesuffix(".add") for name in tasks if name.endswith(".add")]
    return [*(name for name in adding if name != "member"), "hold"]


def _values(param: Param, values: dict[str, list[str]]) -> list[str]:
    return param.choices.split(",") if param.choices else values.get(param.of, [])


def _beginning(words: Iterable[str], word: str) -> list[str]:
    return [each for each in words if each.startswith(word)]
