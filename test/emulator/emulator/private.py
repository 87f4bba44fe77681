"""The private symbols of ministack that this extension relies on, and their check at start.

A test holds that no module uses one that is missing here. SIGNATURES are those of what is replaced: who calls them must
call ours the same way.
"""

import importlib
import inspect

VERSION = "1.5.33"

SYMBOLS: dict[str, tuple[str, ...]] = {
    "ministack.app": ("_handle_post_body_shortcuts", "_reset_all_state"),
    "ministack.services.cloudformation": ("_stacks", "_exports"),
    "ministack.services.cloudformation.changesets": ("_deploy_stack_async",),
    "ministack.services.cloudformation.engine": (
        "_NO_VALUE", "_evaluate_conditions", "_resolve_dynamic_references", "_resolve_refs", "_topological_sort"),
    "ministack.services.cloudformation.handlers": (
        "_ACTION_HANDLERS", "_deploy_stack_async", "_delete_stack_async", "_resolve_stack"),
    "ministack.services.cloudformation.helpers": ("_error", "_p", "_xml"),
    "ministack.services.cloudformation.provisioners": (
        "_RESOURCE_HANDLERS", "_REPLACING_PROPERTIES", "_STACK_TAG_PROPERTY", "_delete_resource", "_provision_resource",
        "_update_resource", "_with_stack_tags"),
    "ministack.services.cloudformation.stacks": ("_add_event", "_resolve_stack_outputs"),
    "ministack.services.iam": ("_roles",),
}

SIGNATURES = {
    "ministack.services.cloudformation.handlers._deploy_stack_async": (
        "stack_name", "stack_id", "template", "param_values", "disable_rollback", "tags", "is_update", "previous_stack",
        "retain_except_on_create", "imports"),
    "ministack.app._handle_post_body_shortcuts": ("method", "path", "headers", "body", "query_params", "request_id"),
}


class Changed(Exception):
    """ministack is not what this extension was written for."""


def check() -> None:
    """Raise Changed, naming everything that is missing or different."""
    faults = [f"{module}.{name} is gone" for module, names in SYMBOLS.items() for name in names
              if not hasattr(importlib.import_module(module), name)]
    for path, expected in SIGNATURES.items():
        module, name = path.rsplit(".", 1)
        function = getattr(importlib.import_module(module), name, None)
        if function and tuple(inspect.signature(function).parameters) != expected:
            faults.append(f"{path} takes {', '.join(inspect.signature(function).parameters)}")
    if faults:
        raise Changed(f"ministack is not {VERSION}: {'; '.join(faults)}")
