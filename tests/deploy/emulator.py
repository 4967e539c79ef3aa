"""Starts MiniStack so that it takes the template as it is.

The pinned version falls short of CloudFormation in two places. Each is mended here, at the door by which a resource comes
in, and said aloud; every other resource goes the way that MiniStack knows.
"""

from ministack.app import main
from ministack.services.cloudformation import provisioners

ALARM = "AWS::CloudWatch::Alarm"
SOURCE = "AWS::Lambda::EventSourceMapping"


def plain_alarm(properties):
    """An alarm on metric math would fail the whole stack: it watches its first metric instead."""
    metrics = properties.get("Metrics")
    if not metrics:
        return properties
    stat = next(one["MetricStat"] for one in metrics if "MetricStat" in one)
    rest = {name: value for name, value in properties.items() if name != "Metrics"}
    return {**rest, **stat["Metric"], "Period": stat["Period"], "Statistic": stat["Stat"]}


def numeric_source(properties):
    """A parameter of type Number arrives as text, by which the poller would fall."""
    scaling = properties.get("ScalingConfig")
    if not scaling:
        return properties
    return {**properties, "ScalingConfig": {name: int(value) for name, value in scaling.items()}}


def mend(kind, mended):
    """Lets `mended` change the properties of every resource of a kind before it is made."""
    handler = provisioners._RESOURCE_HANDLERS[kind]
    create = handler["create"]

    def make(logical_id, properties, *more):
        changed = mended(properties)
        if changed != properties:
            print(f"MENDED for the emulator: {kind} {logical_id}", flush=True)
        return create(logical_id, changed, *more)

    handler["create"] = make


if __name__ == "__main__":
    mend(ALARM, plain_alarm)
    mend(SOURCE, numeric_source)
    main()
