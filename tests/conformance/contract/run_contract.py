#!/usr/bin/env python3
"""The contract, sentence by sentence, against the running product; the tables are beside this file."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import actions  # noqa: E402
import executions  # noqa: E402
import launch_configs  # noqa: E402
import outside  # noqa: E402
from calls import INVOKED, REST  # noqa: E402
from expect import check  # noqa: E402
from harness import Rig, Tap  # noqa: E402
from http_forms import FORMS  # noqa: E402
from roundtrips import ROUNDTRIPS  # noqa: E402
from world import World, scenario  # noqa: E402


# A lost answer is looked for as long as the simulator may hide it, which is not at all.
SETTINGS = {"DRWAVE_WORKFLOW_POLL_MIN_MS": "50", "DRWAVE_DRS_VISIBILITY_S": "1"}


def invoked(world, case):
    _, function, event, answer = case
    check(world.fill(answer), world.invoke(function, event))


def rested(world, case):
    _, method, path, body, status, answer = case
    got, found = world.rest(method, path, body)
    assert got == status, (got, found)
    check(world.fill(answer), found)


def main():
    tap, only = Tap(), sys.argv[1:]

    def case(name, run):
        if not only or any(word in name for word in only):
            tap.case(name, run)

    with Rig(scenario(), speed=2000, settings=SETTINGS) as rig:
        world = World(rig, rig.serve())
        world.populate()
        for one in INVOKED:
            case(one[0], lambda one=one: invoked(world, one))
        for one in REST:
            case("rest: " + one[0], lambda one=one: rested(world, one))
        for one in FORMS:
            case("http: " + one.__name__.replace("_", " "), lambda one=one: one(world))
        for one in ROUNDTRIPS:
            case("fields: " + one.__name__.replace("_", " "), lambda one=one: one(world))
        for one in executions.CASES:
            case("executions: " + one.__name__.replace("_", " "), lambda one=one: one(world))
        for one in launch_configs.CASES:
            case("launch configuration: " + one.__name__.replace("_", " "), lambda one=one: one(world))
        for one in actions.CASES + outside.CASES:
            case("actions: " + one.__name__.replace("_", " "), lambda one=one: one(world))
        assert world.serve.stop() == 0, "serve did not end well"
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
