package bake

import (
	"slices"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/finding"
	"github.com/korakagazindia/provisioner/internal/status"
)

// Kinds are what a run can have to say of what it made.
func Kinds() []finding.Kind {
	return append([]finding.Kind{
		{Code: "crash-consistent", Severity: finding.Note,
			Means:  "the server went on: the copies have what was written to its disks by then, as after a power cut, and nothing that was in memory",
			Remedy: "kora bake --reboot in a quiet hour, where that matters"},
		{Code: "revision-unknown", Severity: finding.Warn,
			Means:  "no commit is proven: the server has written none to the stack's log group, or that may not be read",
			Remedy: "kora status shows what is proven; a deploy with gitRef proves one"},
		{Code: "picked-up", Severity: finding.Note,
			Means:  "an earlier run had begun it: what was asked for then is what is made, and nothing was made twice",
			Remedy: "run kora bake again for one of this moment"},
		{Code: "quiesced", Severity: finding.Note,
			Means:  "with --quiesce: the server had written all to its disks, and what it does not need itself was frozen until the copies had begun",
			Remedy: "nothing; its own file system went on, as after a power cut"},
		{Code: "thawed-early", Severity: finding.Warn,
			Means:  "with --quiesce: a file system had thawed by itself before the copies had begun, and may have been written to meanwhile",
			Remedy: "kora bake --quiesce again: EC2 took longer than a minute to begin"},
		{Code: "in-use", Severity: finding.Note,
			Means:  "with --keep: an older one is one too many, and is needed: by cdk.json, a machine, a version of a launch template, or whoever it is shared with",
			Remedy: "nothing; it goes with a later --keep, once nobody needs it"},
	}, trialKinds()...)
}

// find adds a finding, with the severity and the remedy of its kind.
func (r *Result) find(code, subject, reason string) {
	kinds := Kinds()
	kind := kinds[slices.IndexFunc(kinds, func(k finding.Kind) bool { return k.Code == code })]
	r.Findings = append(r.Findings, finding.Finding{Code: code, Severity: kind.Severity, Subject: subject, Reason: reason, Remedy: kind.Remedy})
}

// notes says what is to be known of what was made.
func (b *Baking) notes(r *Result, server *account.Server) {
	if r.PickedUp {
		r.find("picked-up", r.Name, "it was begun by an earlier run")
	} else if server.State == "running" && !b.Reboot {
		r.find("crash-consistent", r.Server, "it was not restarted, and served all the time")
	}
	if r.Revision == status.Unknown {
		r.find("revision-unknown", r.Server, "no commit is proven")
	}
}
