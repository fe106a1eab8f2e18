"""`crmmigrate completion`: what lets a shell complete commands and options; click's for bash, zsh and fish, our own for PowerShell."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click
from click.shell_completion import (
    CompletionItem,
    ShellComplete,
    add_completion_class,
    get_completion_class,
    split_arg_string,
)

from crmmigrate.cli.options import command_of
from crmmigrate.cli.root import COMMANDS, root

if TYPE_CHECKING:
    from pathlib import Path

SHELLS = ("bash", "zsh", "fish", "powershell")
VARIABLE = "_CRMMIGRATE_COMPLETE"
"""The environment variable by which a shell asks for completions instead of running a command."""


class PowerShellComplete(ShellComplete):
    """Completion in PowerShell 5 and 7: a native argument completer that asks the program."""

    name = "powershell"
    source_template = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $env:COMP_WORDS = $commandAst.ToString()
    $env:COMP_CWORD = $wordToComplete
    $env:%(complete_var)s = "powershell_complete"
    try {
        %(prog_name)s | ForEach-Object {
            $type, $value, $help = $_ -split "`t", 3
            if ($type -eq "plain") {
                if (-not $help) { $help = $value }
                [System.Management.Automation.CompletionResult]::new($value, $value, "ParameterValue", $help)
            }
        }
    } finally {
        Remove-Item Env:COMP_WORDS, Env:COMP_CWORD, Env:%(complete_var)s
    }
}
"""

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the one being written, and that one."""
        words = split_arg_string(os.environ["COMP_WORDS"])[1:]
        incomplete = os.environ["COMP_CWORD"]
        if incomplete and words and words[-1] == incomplete:
            words.pop()
        return words, incomplete

    def format_completion(self, item: CompletionItem) -> str:
        """Return kind, value and help; where files are meant nothing is answered, and PowerShell completes them itself."""
        return f"{item.type}\t{item.value}\t{item.help or ''}"


add_completion_class(PowerShellComplete)


def command(name: str) -> click.Command:
    """Return `completion`."""
    shell = click.Argument(["shell"], type=click.Choice(SHELLS))
    examples = (
        'eval "$(crmmigrate completion bash)"\n'
        'eval "$(crmmigrate completion zsh)"\n'
        "crmmigrate completion fish | source\n"
        "crmmigrate completion powershell | Out-String | Invoke-Expression"
    )
    return command_of(name, COMMANDS[name][1], _completion, [shell], examples)


def _completion(shell: str, work: Path | None, format_: str) -> int:
    del work, format_
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101  # `SHELLS` names those there are
    click.echo(kind(root, {}, "crmmigrate", VARIABLE).source())
    return 0
