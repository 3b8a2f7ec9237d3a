"""What lets a user read the energy counters: a shell script for root, and how far each source is."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Final

from joulebook.report.wording import plain
from joulebook.sensors.access import BY_HAND, DO, ELSEWHERE, GROUP, RULES, Finding
from joulebook.sensors.permissions import User

_HEAD: Final = """\
#!/bin/sh
# Lets {name} read the energy counters of this machine without being root.
# Printed by  joulebook doctor --fix > fix.sh ; read it, then run  sudo sh fix.sh ; undo it with  sudo sh fix.sh undo
set -eu
[ "$(id -u)" -eq 0 ] || {{ echo "run it as root:  sudo sh $0" >&2; exit 1; }}
user={user}
"""
_GIVE: Final = """
give() {  # GROUP RIGHT FILE...
    group=$1 right=$2
    shift 2
    for file in "$@"; do
        [ ! -e "$file" ] || { chgrp "$group" "$file" && chmod "$right" "$file"; }
    done
}
"""
_UNDO: Final = f"""
if [ "${{1:-}}" = undo ]; then
    rm -f {RULES}
%s    ! getent group {GROUP} >/dev/null || groupdel {GROUP}
    exit 0
fi

getent group {GROUP} >/dev/null || groupadd --system {GROUP}
gpasswd -a "$user" {GROUP}  # as usermod, but for users of a directory service too
"""
_TRIGGER: Final = f"""
# udev gives the same rights again after each boot; without udev they last until then
trigger() {{
    command -v udevadm >/dev/null || return 0
    udevadm control --reload
    udevadm trigger --action=add --subsystem-match="$1"
    udevadm settle
}}
mkdir -p {RULES.rpartition("/")[0]}
cat > {RULES} <<'RULES'
"""
_END: Final = """
echo "done: log in anew (or start a shell with  newgrp {group} ), then  joulebook doctor --fix  says what works" >&2
"""


def script(findings: Sequence[Finding], user: User) -> str:
    """The script with the steps that root takes here; comments alone where there are none."""
    steps = [one for one in findings if one.state == DO]
    if not steps:
        return "#!/bin/sh\n# nothing here for root to do\n"
    text = _HEAD.format(name=plain(user.name, 60), user=shlex.quote(user.name))
    rules = [rule for one in steps for rule in one.rules]
    grouped = any(one.needs_group for one in steps)
    if grouped:
        text += _GIVE + _UNDO % "".join(f"    {command}\n" for one in steps for command in one.undo)
    if rules:
        text += "".join((_TRIGGER, *(f"{rule}\n" for rule in rules), "RULES\n"))
    for one in steps:
        text += f"\n# {one.source}: {plain(one.why, 400)}\n"
        text += f"# gives away: {plain(one.gives, 400)}\n" if one.gives else ""
        text += "".join(f"{command}\n" for command in one.commands)
    return text + _END.format(group=GROUP if grouped else "GROUP")


def lines(findings: Sequence[Finding]) -> list[str]:
    """One line for each source, and what has to be done elsewhere."""
    if not findings:
        return ["there is no source here that a permission keeps closed"]
    said = []
    for one in findings:
        said.append(f"{one.source:<10} {one.state:<10} {plain(one.why, 600)}")
        indent = " " * 22
        if one.state == DO:
            said.append(f"{indent}-> joulebook doctor --fix > fix.sh ; sudo sh fix.sh")
        if one.state in (ELSEWHERE, BY_HAND):
            said += [f"{indent}-> {plain(command, 600)}" for command in one.commands if command]
        if one.gives and one.state in (DO, ELSEWHERE) and one.gives != "nothing":
            said.append(f"{indent}gives away: {plain(one.gives, 400)}")
    return said


def as_dict(findings: Sequence[Finding], user: User) -> dict[str, object]:
    """The findings and the script as plain values."""
    plain_findings = [one._asdict() for one in findings]
    return {"user": user.name, "sources": plain_findings, "script": script(findings, user)}
