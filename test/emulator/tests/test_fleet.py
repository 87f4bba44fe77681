"""Auto Scaling groups, and how they roll."""

import contextvars
import threading
import unittest
from collections.abc import Callable
from typing import Any

from extension import checkpoint, clock, machines, models
from extension.services import quotas
from ministack.services import autoscaling, ec2

from . import fleets
from .support import EmulatorTest, RequestError, Stack, ask


class FleetTest(EmulatorTest):
    def behave(self, outcome: str, count: int = 0, delay: float = 0.0) -> None:
        machines.behave(machines.Behaviour(outcome, delay, "Fleet", count))

    def in_background(self, work: Callable[[], Any]) -> threading.Thread:
        thread = threading.Thread(target=contextvars.copy_context().run, args=(work,))
        thread.start()
        self.addCleanup(thread.join, 20)
        return thread

    def until(self, stack: Stack, reason: str) -> None:
        """Wait until an event's reason begins so."""
        while not any(one.startswith(reason) for one in stack.reasons()):
            clock.sleep(0.001)

    def told(self, stack: Stack) -> list[str]:
        """The reasons of the group's events, with instances numbered in the order in which they appear."""
        names: dict[str, str] = {}
        lines = [
            one["ResourceStatusReason"]
            for one in stack.all_events()[stack.seen :]
            if one["LogicalResourceId"] == "Fleet" and one["ResourceStatusReason"]
        ]
        for line in lines:
            for word in (
                line.replace("[", " ").replace("]", " ").replace(",", " ").split()
            ):
                if word.startswith("i-"):
                    names.setdefault(word, f"i-{len(names) + 1}")
        return [_renamed(line, names) for line in lines]

    def processes(self) -> list[str]:
        return [
            one["ProcessName"] for one in fleets.described()["SuspendedProcesses"] or []
        ]


def _renamed(line: str, names: dict[str, str]) -> str:
    for name, number in names.items():
        line = line.replace(name, number)
    return line


class Create(FleetTest):
    """aws-resource-autoscaling-autoscalinggroup.html and aws-attribute-creationpolicy.html"""

    def test_launches_over_zones_and_registers(self) -> None:
        stack = self.stack(fleets.fleet())
        self.assertEqual(
            fleets.sizes(), ("2", "2", 2)
        )  # no DesiredCapacity: "the minimum size"
        self.assertEqual(
            sorted(one["AvailabilityZone"] for one in fleets.described()["Instances"]),
            list(fleets.ZONES),
        )
        self.assertEqual(fleets.health(stack), dict.fromkeys(fleets.nodes(), "healthy"))
        self.assertEqual(
            {one["LifecycleState"] for one in fleets.described()["Instances"]},
            {"InService"},
        )

    def test_shows_what_it_is(self) -> None:
        tags = [
            {"Key": "Name", "Value": "api", "PropagateAtLaunch": True},
            {"Key": "Own", "Value": "1", "PropagateAtLaunch": False},
        ]
        stack = self.stack(
            fleets.fleet(
                Tags=tags,
                Cooldown="60",
                HealthCheckType="ELB",
                HealthCheckGracePeriod=240,
                DefaultInstanceWarmup=240,
                MetricsCollection=[{"Granularity": "1Minute"}],
            )
        )
        group = fleets.described()
        self.assertEqual(
            [
                group[key]
                for key in (
                    "DefaultCooldown",
                    "HealthCheckType",
                    "HealthCheckGracePeriod",
                    "DefaultInstanceWarmup",
                )
            ],
            ["60", "ELB", "240", "240"],
        )
        self.assertEqual(group["TargetGroupARNs"], [stack.physical("Targets")])
        self.assertEqual(group["LaunchTemplate"]["LaunchTemplateName"], "api-template")
        self.assertIn(
            {"Metric": "GroupInServiceInstances", "Granularity": "1Minute"},
            group["EnabledMetrics"],
        )
        self.assertEqual(
            {one["Key"]: one["PropagateAtLaunch"] for one in group["Tags"]}["Own"],
            "false",
        )
        instance = {one["Key"]: one["Value"] for one in ec2._tags[fleets.nodes()[0]]}
        self.assertEqual(
            (
                instance["Name"],
                instance["aws:autoscaling:groupName"],
                instance.get("Own"),
            ),
            ("api", "api-asg", None),
        )
        self.assertEqual(instance["aws:cloudformation:logical-id"], "Fleet")

    def test_health_check_grace_is_zero_unless_told(self) -> None:
        self.stack(fleets.fleet())
        self.assertEqual(fleets.described()["HealthCheckGracePeriod"], "0")

    def test_waits_for_the_creation_policy(self) -> None:
        self.behave("failure", count=1)
        stack = Stack("Kora")
        self.assertEqual(
            stack.create(
                fleets.fleet(create={"ResourceSignal": {"Count": 2, "Timeout": "PT5M"}})
            ),
            "ROLLBACK_COMPLETE",
        )
        self.assertIn(
            "Received 1 FAILURE signal(s) out of 2.  Unable to satisfy 100% MinSuccessfulInstancesPercent requirement",
            self.told(stack),
        )
        self.assertEqual((fleets.running(), len(autoscaling._asgs)), (0, 0))

    def test_tells_each_signal(self) -> None:
        stack = self.stack(fleets.fleet(create={"ResourceSignal": {"Count": 2}}))
        self.assertEqual(
            self.told(stack),
            [
                "Resource creation Initiated",
                "Received SUCCESS signal with UniqueId i-1",
                "Received SUCCESS signal with UniqueId i-2",
            ],
        )

    def test_a_signal_that_does_not_come_is_a_failure(self) -> None:
        """As published by F5Networks/f5-aws-cloudformation #168."""
        self.behave("none", count=1)
        stack = Stack("Kora")
        thread = self.in_background(
            lambda: stack.create(
                fleets.fleet(create={"ResourceSignal": {"Count": 2, "Timeout": "PT5M"}})
            )
        )
        self.until(stack, "Received SUCCESS")
        clock.skip(300)
        thread.join()
        self.assertEqual(
            self.told(stack)[-2:],
            [
                "Failed to receive 1 resource signal(s) for the current batch.  Each resource signal timeout is counted as a FAILURE.",
                "Received 1 SUCCESS signal(s) out of 2.  Unable to satisfy 100% MinSuccessfulInstancesPercent requirement",
            ],
        )

    def test_refuses_a_template_that_cannot_be_launched(self) -> None:
        broken = fleets.fleet()
        broken["Template"]["Properties"]["LaunchTemplateData"]["KeyName"] = "lost"
        stack = self.stack(broken)
        self.assertTrue(
            any(
                "valid fully-formed launch template. The key pair 'lost'" in one
                for one in stack.reasons()
            )
        )
        self.assertEqual(len(autoscaling._asgs), 0)

    def test_goes_with_its_nodes_and_policies(self) -> None:
        stack = self.stack(fleets.fleet())
        ask(
            autoscaling,
            "PutScalingPolicy",
            AutoScalingGroupName="api-asg",
            PolicyName="by hand",
            AdjustmentType="ChangeInCapacity",
            ScalingAdjustment=1,
        )
        self.assertEqual(stack.delete(), "DELETE_COMPLETE")
        self.assertEqual((fleets.running(), len(autoscaling._policies)), (0, 0))


class Roll(FleetTest):
    """aws-attribute-updatepolicy.html"""

    def test_rolls_as_cloudformation_says_it_does(self) -> None:
        stack = self.stack(fleets.fleet())
        old = fleets.nodes()
        self.assertEqual(stack.update(fleets.fleet("2")), "UPDATE_COMPLETE")
        self.assertEqual(
            self.told(stack),
            [
                "Rolling update initiated. Terminating 2 obsolete instance(s) in batches of 1, "
                "while keeping at least 2 instance(s) in service. "
                "Waiting on resource signals with a timeout of PT10M when new instances are added to the autoscaling group.",
                "Temporarily setting autoscaling group MinSize and DesiredCapacity to 3.",
                "New instance(s) added to autoscaling group - Waiting on 1 resource signal(s) with a timeout of PT10M.",
                "Received SUCCESS signal with UniqueId i-1",
                "Terminating instance(s) [i-2]; replacing with 1 new instance(s).",
                "Successfully terminated instance(s) [i-2] (Progress 50%).",
                "New instance(s) added to autoscaling group - Waiting on 1 resource signal(s) with a timeout of PT10M.",
                "Received SUCCESS signal with UniqueId i-3",
                "Terminating instance(s) [i-4]; replacing with 0 new instance(s).",
                "Successfully terminated instance(s) [i-4] (Progress 100%).",
            ],
        )
        self.assertEqual(
            (fleets.sizes(), fleets.revisions(), fleets.running()),
            (("2", "2", 2), {"2"}, 2),
        )
        self.assertFalse(set(old) & set(fleets.health(stack)))

    def test_keeps_the_old_ones_until_the_new_one_is_through(self) -> None:
        stack = self.stack(fleets.fleet())
        old = fleets.nodes()
        self.behave("none")
        thread = self.in_background(lambda: stack.update(fleets.fleet("2")))
        self.until(stack, "New instance(s) added")
        self.assertEqual(
            (fleets.sizes(), set(old) <= set(fleets.nodes())), (("3", "3", 3), True)
        )
        self.assertEqual(self.processes(), ["HealthCheck", "AlarmNotification"])
        (new,) = set(fleets.nodes()) - set(old)
        self.behave("success")
        stack.request(
            "SignalResource", LogicalResourceId="Fleet", UniqueId=new, Status="SUCCESS"
        )
        thread.join()
        self.assertEqual((stack.status(), self.processes()), ("UPDATE_COMPLETE", []))

    def test_makes_room_first_where_capacity_allows(self) -> None:
        """MinInstancesInService below the capacity: an old one goes first (exercise 1b of the workshop)."""
        policy = {**fleets.ROLLING, "MinInstancesInService": 1}
        stack = self.stack(fleets.fleet(update=policy))
        stack.update(fleets.fleet("2", update=policy))
        self.assertEqual(
            [one.split(" [")[0].split(" with")[0] for one in self.told(stack)[1:]],
            [
                "Temporarily setting autoscaling group MinSize and DesiredCapacity to 2.",
                "Terminating instance(s)",
                "Successfully terminated instance(s)",
                "New instance(s) added to autoscaling group - Waiting on 1 resource signal(s)",
                "Received SUCCESS signal",
                "Terminating instance(s)",
                "Successfully terminated instance(s)",
                "New instance(s) added to autoscaling group - Waiting on 1 resource signal(s)",
                "Received SUCCESS signal",
            ],
        )

    def test_batches(self) -> None:
        policy = {**fleets.ROLLING, "MaxBatchSize": 3}
        stack = self.stack(fleets.fleet(update=policy, MinSize="3"))
        stack.update(fleets.fleet("2", update=policy, MinSize="3"))
        self.assertTrue(
            self.told(stack)[0].startswith(
                "Rolling update initiated. Terminating 3 obsolete instance(s) in batches of 3,"
            )
        )
        self.assertEqual((fleets.sizes(), fleets.revisions()), (("3", "3", 3), {"2"}))

    def test_a_failure_rolls_back(self) -> None:
        stack = self.stack(fleets.fleet())
        old = fleets.nodes()
        self.behave("failure", count=1)
        self.assertEqual(stack.update(fleets.fleet("2")), "UPDATE_ROLLBACK_COMPLETE")
        told = self.told(stack)
        self.assertIn(
            "Received 1 FAILURE signal(s) out of 2.  Unable to satisfy 100% MinSuccessfulInstancesPercent requirement",
            told,
        )
        self.assertTrue(
            any(
                one.startswith(
                    "Rolling update initiated. Terminating 1 obsolete instance(s)"
                )
                for one in told
            )
        )
        self.assertEqual(
            (fleets.revisions(), set(old) <= set(fleets.nodes()), self.processes()),
            ({"1"}, True, []),
        )
        # guardian/testing-asg-rolling-update: the minimum is back, the desired capacity stays where the roll put it
        self.assertEqual(fleets.sizes(), ("2", "3", 3))

    def test_a_roll_back_rolls_by_the_old_policy(self) -> None:
        """The page: "During a rollback, CloudFormation uses the UpdatePolicy attribute that was in effect before"."""
        stack = self.stack(fleets.fleet(update={**fleets.ROLLING, "PauseTime": "PT7M"}))
        self.behave("failure", count=1)
        stack.update(fleets.fleet("2", update={**fleets.ROLLING, "PauseTime": "PT9M"}))
        starts = [
            one
            for one in self.told(stack)
            if one.startswith("Rolling update initiated")
        ]
        self.assertEqual(
            [("PT9M" in one, "PT7M" in one) for one in starts],
            [(True, False), (False, True)],
        )

    def test_some_failures_may_be_borne(self) -> None:
        policy = {**fleets.ROLLING, "MinSuccessfulInstancesPercent": 50}
        stack = self.stack(fleets.fleet(update=policy))
        self.behave("failure", count=1)
        self.assertEqual(
            stack.update(fleets.fleet("2", update=policy)), "UPDATE_COMPLETE"
        )

    def test_time_runs_out(self) -> None:
        stack = self.stack(fleets.fleet())
        self.behave("none", count=1)
        thread = self.in_background(lambda: stack.update(fleets.fleet("2")))
        self.until(stack, "New instance(s) added")
        self.pass_time(thread, 600)
        self.assertEqual(stack.status(), "UPDATE_ROLLBACK_COMPLETE")
        self.assertIn(
            "Failed to receive 1 resource signal(s) for the current batch.  Each resource signal timeout is counted as a FAILURE.",
            self.told(stack),
        )
        self.assertIn(
            "Received 0 SUCCESS signal(s) out of 2.  Unable to satisfy 100% MinSuccessfulInstancesPercent requirement",
            self.told(stack),
        )

    def test_can_be_cancelled(self) -> None:
        """API_CancelUpdateStack.html"""
        stack = self.stack(fleets.fleet())
        self.behave("none", count=1)
        thread = self.in_background(lambda: stack.update(fleets.fleet("2")))
        self.until(stack, "New instance(s) added")
        stack.request("CancelUpdateStack")
        thread.join()
        self.assertEqual(
            (stack.status(), fleets.revisions()), ("UPDATE_ROLLBACK_COMPLETE", {"1"})
        )

    def test_no_policy_no_roll(self) -> None:
        stack = self.stack(fleets.fleet(update=None))
        old = fleets.nodes()
        self.assertEqual(
            stack.update(fleets.fleet("2", update=None)), "UPDATE_COMPLETE"
        )
        self.assertEqual((fleets.nodes(), fleets.revisions()), (old, {"1"}))

    def test_nothing_obsolete_no_roll(self) -> None:
        stack = self.stack(fleets.fleet())
        old = fleets.nodes()
        stack.update(fleets.fleet(Cooldown="17"))
        self.assertEqual(
            (fleets.nodes(), self.told(stack), fleets.described()["DefaultCooldown"]),
            (old, [], "17"),
        )

    def test_other_subnets_roll(self) -> None:
        """The page names VPCZoneIdentifier among the changes that roll."""
        stack = self.stack(fleets.fleet())
        stack.update(fleets.fleet(VPCZoneIdentifier=[fleets.ref("Subnet1")]))
        self.assertEqual(
            [one["AvailabilityZone"] for one in fleets.described()["Instances"]],
            ["ap-south-1b"] * 2,
        )

    def test_more_in_service_than_there_may_be(self) -> None:
        stack = self.stack(fleets.fleet())
        self.assertEqual(
            stack.update(
                fleets.fleet("2", update={**fleets.ROLLING, "MinInstancesInService": 5})
            ),
            "UPDATE_ROLLBACK_COMPLETE",
        )
        self.assertIn(
            "MinInstancesInService must be less than the autoscaling group's MaxSize",
            self.told(stack),
        )

    def test_pauses_where_it_does_not_wait(self) -> None:
        policy = {"MaxBatchSize": 5, "PauseTime": "PT1H"}
        stack = self.stack(fleets.fleet(update=policy))
        thread = self.in_background(
            lambda: stack.update(fleets.fleet("2", update=policy))
        )
        self.until(stack, "Successfully terminated")
        self.assertEqual(stack.status(), "UPDATE_IN_PROGRESS")
        self.pass_time(thread, 3600)
        self.assertIn(
            "Pausing for PT1H when new instances are added", self.told(stack)[0]
        )

    def test_policies_that_are_not_held(self) -> None:
        replacing = fleets.fleet()
        replacing["Fleet"]["UpdatePolicy"] = {
            "AutoScalingReplacingUpdate": {"WillReplace": True}
        }
        stack = self.stack(replacing)
        self.assertIn(
            "the emulator does not hold AutoScalingReplacingUpdate of UpdatePolicy",
            self.told(stack),
        )


class Capacity(FleetTest):
    """API_SetDesiredCapacity.html, API_UpdateAutoScalingGroup.html and the like"""

    def setUp(self) -> None:
        super().setUp()
        self.kora = self.stack(fleets.fleet())

    def refused(self, code: str, action: str, **params: Any) -> None:
        with self.assertRaises(RequestError) as refusal:
            ask(autoscaling, action, **params)
        self.assertEqual(refusal.exception.code, code)

    def test_a_deploy_keeps_the_size(self) -> None:
        ask(
            autoscaling,
            "SetDesiredCapacity",
            AutoScalingGroupName="api-asg",
            DesiredCapacity=4,
        )
        self.kora.update(fleets.fleet(Cooldown="17"))
        self.assertEqual(fleets.sizes(), ("2", "4", 4))
        self.kora.update(fleets.fleet(MaxSize="3"))
        self.assertEqual(fleets.sizes(), ("2", "3", 3))
        self.kora.update(fleets.fleet(DesiredCapacity="2"))
        self.assertEqual(fleets.sizes(), ("2", "2", 2))

    def test_desired_within_limits(self) -> None:
        self.refused(
            "ValidationError",
            "SetDesiredCapacity",
            AutoScalingGroupName="api-asg",
            DesiredCapacity=6,
        )
        self.refused(
            "ValidationError",
            "SetDesiredCapacity",
            AutoScalingGroupName="api-asg",
            DesiredCapacity=1,
        )
        self.refused(
            "ValidationError",
            "SetDesiredCapacity",
            AutoScalingGroupName="other",
            DesiredCapacity=2,
        )

    def test_scales_in_from_the_fullest_zone_oldest_first(self) -> None:
        first = fleets.nodes()
        ask(
            autoscaling,
            "SetDesiredCapacity",
            AutoScalingGroupName="api-asg",
            DesiredCapacity=3,
        )
        ask(
            autoscaling,
            "SetDesiredCapacity",
            AutoScalingGroupName="api-asg",
            DesiredCapacity=2,
        )
        self.assertEqual(set(first) - set(fleets.nodes()), {first[0]})
        self.assertEqual(
            sorted(one["AvailabilityZone"] for one in fleets.described()["Instances"]),
            list(fleets.ZONES),
        )

    def test_update_settles(self) -> None:
        ask(
            autoscaling,
            "UpdateAutoScalingGroup",
            AutoScalingGroupName="api-asg",
            MinSize=3,
        )
        self.assertEqual(fleets.sizes(), ("3", "3", 3))
        self.assertEqual(fleets.described()["DefaultCooldown"], "300")

    def test_terminate_one(self) -> None:
        one = fleets.nodes()[0]
        ask(
            autoscaling,
            "TerminateInstanceInAutoScalingGroup",
            InstanceId=one,
            ShouldDecrementDesiredCapacity=False,
        )
        self.assertEqual(
            (fleets.sizes(), one in fleets.nodes(), one in fleets.health(self.kora)),
            (("2", "2", 2), False, False),
        )
        self.refused(
            "ValidationError",
            "TerminateInstanceInAutoScalingGroup",
            InstanceId=fleets.nodes()[0],
            ShouldDecrementDesiredCapacity=True,
        )

    def test_what_is_terminated_or_unhealthy_is_replaced(self) -> None:
        one, other = fleets.nodes()
        ec2._ACTION_MAP["TerminateInstances"]({"InstanceId.1": one})
        ask(
            autoscaling, "SetInstanceHealth", InstanceId=other, HealthStatus="Unhealthy"
        )
        self.assertEqual(
            (len(fleets.nodes()), set(fleets.nodes()) & {one, other}), (2, set())
        )

    def test_suspended_processes(self) -> None:
        ask(
            autoscaling,
            "SuspendProcesses",
            AutoScalingGroupName="api-asg",
            ScalingProcesses=["Launch", "ReplaceUnhealthy"],
        )
        self.assertEqual(self.processes(), ["Launch", "ReplaceUnhealthy"])
        ask(
            autoscaling,
            "SetDesiredCapacity",
            AutoScalingGroupName="api-asg",
            DesiredCapacity=4,
        )
        self.assertEqual(fleets.sizes(), ("2", "4", 2))
        ask(autoscaling, "ResumeProcesses", AutoScalingGroupName="api-asg")
        self.assertEqual(fleets.sizes(), ("2", "4", 4))

    def test_activities(self) -> None:
        ask(
            autoscaling,
            "SetDesiredCapacity",
            AutoScalingGroupName="api-asg",
            DesiredCapacity=3,
        )
        newest = fleets.activities()[0]
        self.assertEqual(
            (newest["StatusCode"], newest["Description"]),
            ("Successful", f"Launching a new EC2 instance: {fleets.nodes()[-1]}"),
        )
        self.assertIn(
            "a user request explicitly set group desired capacity changing the desired capacity from 2 to 3.",
            newest["Cause"],
        )

    def test_an_activity_lasts_as_long_as_the_boot(self) -> None:
        self.behave("success", delay=60)
        ask(
            autoscaling,
            "SetDesiredCapacity",
            AutoScalingGroupName="api-asg",
            DesiredCapacity=3,
        )
        new = fleets.nodes()[-1]
        states = {
            one["InstanceId"]: one["LifecycleState"]
            for one in fleets.described()["Instances"]
        }
        self.assertEqual(
            (
                fleets.activities()[0]["StatusCode"],
                states[new],
                fleets.health(self.kora)[new],
            ),
            ("InProgress", "Pending", "initial"),
        )
        clock.skip(60)
        self.assertEqual(
            (fleets.activities()[0]["StatusCode"], fleets.health(self.kora)[new]),
            ("Successful", "healthy"),
        )

    def test_instances(self) -> None:
        found = ask(
            autoscaling, "DescribeAutoScalingInstances", InstanceIds=fleets.nodes()[:1]
        )["AutoScalingInstances"]
        self.assertEqual(
            [(one["AutoScalingGroupName"], one["HealthStatus"]) for one in found],
            [("api-asg", "HEALTHY")],
        )

    def test_comes_back_with_a_checkpoint(self) -> None:
        before = (fleets.nodes(), fleets.health(self.kora))
        number = checkpoint.save()
        ask(
            autoscaling,
            "SetDesiredCapacity",
            AutoScalingGroupName="api-asg",
            DesiredCapacity=5,
        )
        checkpoint.restore(number)
        self.assertEqual((fleets.nodes(), fleets.health(self.kora)), before)

    def test_deleted_by_force_only(self) -> None:
        self.refused(
            "ResourceInUse", "DeleteAutoScalingGroup", AutoScalingGroupName="api-asg"
        )
        ask(
            autoscaling,
            "DeleteAutoScalingGroup",
            AutoScalingGroupName="api-asg",
            ForceDelete=True,
        )
        self.assertEqual((fleets.running(), self.kora.delete()), (0, "DELETE_COMPLETE"))


if __name__ == "__main__":
    unittest.main()


class Limits(FleetTest):
    def test_a_new_group_over_the_quota_is_refused(self) -> None:
        """cloudcaptainsh/cloudcaptain issue 216: "You must use a valid fully-formed launch template", and why."""
        models.choose(quotas={quotas.VCPUS: 1})
        stack = self.stack(fleets.fleet())
        self.assertEqual(stack.status(), "ROLLBACK_COMPLETE")
        self.assertIn(
            "You have requested more vCPU capacity than your current vCPU limit of 1",
            " ".join(stack.reasons()),
        )
        self.assertEqual(fleets.running(), 0)

    def test_a_group_that_stands_fails_to_grow(self) -> None:
        """autoscaling/ec2/userguide/ts-as-instancelaunchfailure.html: a failed activity; it grows once there is room."""
        self.stack(fleets.fleet())
        models.choose(quotas={quotas.VCPUS: 2})
        ask(
            autoscaling,
            "SetDesiredCapacity",
            AutoScalingGroupName="api-asg",
            DesiredCapacity=3,
        )
        self.assertEqual(fleets.sizes(), ("2", "3", 2))
        self.assertEqual(fleets.activities()[0]["StatusCode"], "Failed")
        models.choose(quotas={quotas.VCPUS: 3})
        self.assertEqual(fleets.sizes(), ("2", "3", 3))

    def test_a_roll_waits_for_what_cannot_be_launched(self) -> None:
        """The batch grows the group first; what is not launched does not signal, and the roll fails when its time is up."""
        stack = self.stack(fleets.fleet())
        before = fleets.nodes()
        models.choose(quotas={quotas.VCPUS: 2})
        thread = self.in_background(lambda: stack.update(fleets.fleet("2")))
        self.pass_time(thread, 601)
        self.assertEqual(stack.status(), "UPDATE_ROLLBACK_COMPLETE", stack.reasons())
        self.assertEqual(fleets.nodes(), before)

    def test_the_first_group_of_an_account_may_fail_once(self) -> None:
        """autoscaling/ec2/userguide/autoscaling-service-linked-role.html; pelias/kubernetes issue 32."""
        models.choose(scalingRole=models.MISSING)
        self.assertEqual(self.stack(fleets.fleet()).status(), "ROLLBACK_COMPLETE")
        self.assertEqual(
            self.stack(fleets.fleet(), "Other").status(), "CREATE_COMPLETE"
        )
