"""The private symbols of ministack that this extension relies on, and their check at start.

A test holds that no module uses one that is missing here. SIGNATURES are those of what is replaced: who calls them must
call ours the same way.
"""

import importlib
import inspect

VERSION = "1.5.33"

# A list of names.
# fmt: off
SYMBOLS: dict[str, tuple[str, ...]] = {
    "ministack.app": ("_extract_s3_vhost_bucket", "_handle_post_body_shortcuts", "_reset_all_state"),
    "ministack.core.iam_evaluator": ("_gather_role_policies", "_gather_user_policies", "_permissions_boundary"),
    "ministack.services.acm": (
        "_cert_arn", "_cert_shape", "_certificates", "_delete_certificate", "_future_iso", "_synthetic_pem"),
    "ministack.services.alb": (
        "_ACTION_MAP", "_action_xml", "_lb_attrs", "_lb_xml", "_lbs", "_listeners", "_parse_actions", "_rules", "_targets",
        "_tg_attrs", "_tg_xml", "_tgs"),
    "ministack.services.autoscaling": (
        "_ACTION_MAP", "_asgs", "_delete_group_policies", "_delete_policy_alarms", "_policies", "_tags"),
    "ministack.services.cloudformation": ("_change_sets", "_exports", "_stack_events", "_stacks"),
    "ministack.services.cloudformation.changesets": (
        "_IMPORT_LOOKUPS", "_deploy_stack_async", "_extract_resources_to_import", "_find_change_set", "_import_resources_async",
        "_parse_template"),
    "ministack.services.cloudformation.drift": ("_DRIFT_READERS",),
    "ministack.services.cloudformation.engine": (
        "_NO_VALUE", "_evaluate_conditions", "_resolve_dynamic_references", "_resolve_refs", "_topological_sort"),
    "ministack.services.cloudformation.handlers": (
        "_ACTION_HANDLERS", "_continue_update_rollback_async", "_delete_stack_async", "_deploy_stack_async", "_resolve_stack"),
    "ministack.services.cloudformation.helpers": ("_error", "_p", "_xml"),
    "ministack.services.cloudformation.provisioners": (
        "_REPLACING_PROPERTIES", "_RESOURCE_HANDLERS", "_STACK_TAG_PROPERTY", "_delete_resource", "_ec2_sg_permissions",
        "_elbv2_listener_create", "_elbv2_listener_delete", "_elbv2_listener_update", "_elbv2_load_balancer_create",
        "_elbv2_load_balancer_delete", "_elbv2_load_balancer_update", "_elbv2_target_group_create", "_elbv2_target_group_delete",
        "_elbv2_target_group_update", "_physical_name", "_provision_resource", "_r53_record_set_build_rs", "_sns_sub_create",
        "_sns_sub_delete", "_update_resource", "_with_stack_tags"),
    "ministack.services.cloudformation.stacks": (
        "_IMPORT_COMPLETED", "_IMPORT_STARTED", "_IMPORT_TAGS", "_VALIDATION_FAILED", "_VALIDATION_ROLLBACK", "_add_event", "_operation_event", "_resolve_stack_outputs",
        "_static_property"),
    "ministack.services.cloudwatch": (
        "_alarms", "_calc_stats", "_cbor_ok", "_cbor_timestamp", "_composite_alarms", "_dashboards", "_delete_alarms",
        "_describe_alarm_history", "_describe_alarms", "_describe_alarms_for_metric", "_dims_from_list", "_dims_key",
        "_dispatch_alarm_actions", "_error", "_evaluate_alarm", "_evaluate_parent_alarms", "_history_entries", "_json_ok",
        "_list_dashboards", "_metrics", "_put_metric_alarm", "_resource_tags", "_set_alarm_state", "_stat_value", "_ts_iso"),
    "ministack.services.cloudwatch_logs": ("_create_log_stream", "_log_groups", "_put_log_events"),
    "ministack.services.ec2": (
        "_ACTION_MAP", "_DEFAULT_SUBNET_ID", "_DEFAULT_VPC_ID", "_STUB_AMIS", "_addresses", "_create_snapshot", "_deregister_image", "_error",
        "_find_active_iam_instance_profile_association", "_glob_match", "_images", "_inst_bdm_xml", "_instance_xml", "_instances",
        "_internet_gateways", "_key_pairs", "_launch_instances_internal", "_launch_templates", "_lt_data_xml",
        "_mark_iam_instance_profile_association_disassociated", "_matches_filters", "_network_interfaces", "_new_sg_id", "_parse_filters",
        "_parse_lt_data", "_parse_tag_specs", "_random_ip", "_register_image", "_registered_image", "_resource_matches_tag_filters",
        "_route_tables", "_rules_match", "_security_groups", "_snapshot_inner_xml", "_snapshots", "_start_instances", "_stop_instances", "_stub_image_view",
        "_subnets", "_tag_set_xml", "_tags", "_terminate_instances", "_upsert_iam_instance_profile_association", "_volumes",
        "_vpc_endpoints", "_vpce_fields_xml", "_vpcs", "_xml"),
    "ministack.services.elasticache": (
        "_delete_subnet_group", "_get_docker", "_replication_groups", "_spawn_redis_container", "_subnet_groups"),
    "ministack.services.iam": (
        "_IAM_HANDLERS", "_add_role_to_instance_profile", "_create_instance_profile", "_create_role", "_delete_instance_profile", "_delete_role", "_error",
        "_instance_profiles", "_lookup_instance_profile", "_remove_role_from_instance_profile", "_roles", "_users", "_xml"),
    "ministack.services.route53": (
        "_change_resource_record_sets", "_lock", "_normalise_name", "_records", "_rs_key", "_rs_values", "_zones"),
    "ministack.services.s3": (
        "_bucket_has_versions", "_bucket_owner_account", "_bucket_tags", "_bucket_versioning", "_buckets", "_delete_bucket",
        "_put_bucket_encryption"),
    "ministack.services.sns": (
        "_list_subscriptions", "_list_subscriptions_by_topic", "_refresh_subscription_counts", "_subscribe", "_topics"),
    "ministack.services.sts": ("_caller_identity",),
    "ministack.services.ssm": ("_lookup_parameter", "_public_parameter"),
}
# fmt: on

SIGNATURES = {
    "ministack.services.cloudformation.handlers._deploy_stack_async": (
        "stack_name",
        "stack_id",
        "template",
        "param_values",
        "disable_rollback",
        "tags",
        "is_update",
        "previous_stack",
        "retain_except_on_create",
        "imports",
    ),
    "ministack.services.cloudformation.changesets._import_resources_async": ("cs", "stack", "new_stack"),
    "ministack.app._handle_post_body_shortcuts": ("method", "path", "headers", "body", "query_params", "request_id"),
}


class Changed(Exception):
    """ministack is not what this extension was written for."""


def check() -> None:
    """Raise Changed, naming everything that is missing or different."""
    faults = [
        f"{module}.{name} is gone"
        for module, names in SYMBOLS.items()
        for name in names
        if not hasattr(importlib.import_module(module), name)
    ]
    for path, expected in SIGNATURES.items():
        module, name = path.rsplit(".", 1)
        function = getattr(importlib.import_module(module), name, None)
        if function and tuple(inspect.signature(function).parameters) != expected:
            faults.append(f"{path} takes {', '.join(inspect.signature(function).parameters)}")
    if faults:
        raise Changed(f"ministack is not {VERSION}: {'; '.join(faults)}")
