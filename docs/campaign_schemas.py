#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Write docs/schemas/: the JSON Schema of each command's campaign files, made from its options.

Run it with ``./aeiqa python docs/campaign_schemas.py`` after a change to a config class.
"""

import json
import runpy
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = ("sweep", "evaluate", "adapt")


def schema_path(command: str) -> Path:
    """Return the file of a command's schema."""
    return ROOT / "docs" / "schemas" / f"{command}.json"


def schema_text(command: str) -> str:
    """Return the content of that file as the command's options ask for."""
    campaign = runpy.run_path(str(ROOT / "apps" / f"{command}.py"))["CAMPAIGN"]
    return json.dumps(campaign.schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for command in COMMANDS:
        schema_path(command).write_text(schema_text(command), encoding="utf-8")
