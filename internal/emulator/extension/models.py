"""What AWS does where nobody knows it, or where accounts differ: every answer can be played, the strictest unless told.

docs/emulator.md says what is known of each. Nothing that a test holds may rest on one of them alone.
"""

from dataclasses import dataclass, field, fields
from typing import Any

REFUSE, FORESEE, MOVE, TAKE = "refuse", "foresee", "move", "take"
LOSE, RESTORE = "lose", "restore"
THERE, MISSING = "there", "missing"
RESET, TAG = "reset", "tag"
NONE, DASH, ABSENT = "none", "dash", "absent"
USER, ROOT = "user", "root"
AVAILABLE, FAILED = "available", "failed"
WELL, SILENT, IMPAIRED, HOST = "well", "silent", "impaired", "host"


@dataclass
class Models:
    """One answer each; the first that is allowed is the default."""

    heldAddress: str = REFUSE
    """AWS::EC2::EIPAssociation over an address that is associated: its create refuses, its change set does already, or the
    address moves at once, as EC2's AssociateAddress does."""
    liveRecord: str = REFUSE
    """AWS::Route53::RecordSet over a record that exists, an identical one too: as above, or an identical one is taken over."""
    takenName: str = FORESEE
    """A physical name that exists: early validation says so, or only the create of the resource does."""
    associationRollback: str = LOSE
    """What was deleted before its replacement was made, and that failed: gone for good, or made again by the rollback."""
    afterImport: str = RESET
    """The update that follows an import: what the template does not state is reset, or CloudFormation's tags are set and no more."""
    recordIdentifier: str = NONE
    """SetIdentifier of a simple record in an import: nothing fits, a hyphen does, or the identifier has no such part."""
    notImportable: list[str] = field(default_factory=list)
    """The types that the account says cannot be imported."""
    scalingRole: str = THERE
    """The account's service-linked role of Auto Scaling: it is there, or the first group fails and brings it."""
    caller: str = USER
    """Whose the credentials are: an IAM user's, or the account's root user's, whom no policy binds."""
    imageOutcome: str = AVAILABLE
    """How an image ends that is made."""
    imageSeconds: float = 0
    """How long an image or a snapshot is pending."""
    copyBoots: str = WELL
    """What becomes of a machine that is made of an image of the account's own: its agent answers, or never does, or its own
    status check fails besides, or that of the host it runs on too."""
    endSeconds: float = 0
    """How long a machine that somebody ends is shutting down."""
    snapshotsFreedSeconds: float = 0
    """For how long a snapshot is in use after its image was deregistered."""
    quotas: dict[str, int] = field(default_factory=dict)
    """The account's quotas by their codes, L-1216C47A for running vCPUs, where they are not what services/quotas.py says."""
    appliedQuotas: str = THERE
    """What GetServiceQuota knows: the account's values, or none, so that only AWS's defaults can be asked for."""

    def __post_init__(self) -> None:
        for name, allowed in ALLOWED.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} {getattr(self, name)!r} is not allowed: it takes {', '.join(allowed)}")
        if not all(isinstance(one, str) for one in self.notImportable):
            raise ValueError(f"notImportable {self.notImportable!r} is not allowed: it takes names of types")
        for name in ("endSeconds", "imageSeconds", "snapshotsFreedSeconds"):
            if not isinstance(getattr(self, name), int | float) or getattr(self, name) < 0:
                raise ValueError(f"{name} {getattr(self, name)!r} is not allowed: it takes seconds, 0 or more")
        if not all(isinstance(most, int) and most >= 0 for most in self.quotas.values()):
            raise ValueError(f"quotas {self.quotas!r} is not allowed: it takes whole numbers, 0 or more")


ALLOWED = {
    "heldAddress": (REFUSE, FORESEE, MOVE),
    "liveRecord": (REFUSE, FORESEE, TAKE),
    "takenName": (FORESEE, REFUSE),
    "associationRollback": (LOSE, RESTORE),
    "afterImport": (RESET, TAG),
    "recordIdentifier": (NONE, DASH, ABSENT),
    "appliedQuotas": (THERE, MISSING),
    "scalingRole": (THERE, MISSING),
    "caller": (USER, ROOT),
    "imageOutcome": (AVAILABLE, FAILED),
    "copyBoots": (WELL, SILENT, IMPAIRED, HOST),
}

current = Models()


def choose(**answers: Any) -> None:
    """Play these answers from now on, and the default wherever nothing is said."""
    chosen = Models(**{name: value for name, value in answers.items() if value})
    for one in fields(chosen):
        setattr(current, one.name, getattr(chosen, one.name))


def reset() -> None:
    choose()
