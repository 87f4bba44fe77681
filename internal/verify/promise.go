// Package verify asks, the way users do, whether a backend keeps what its stage promises: by its name, by TLS, by its
// addresses, at its weights.
package verify

import "slices"

// Verdict is what became of a promise.
type Verdict string

// Unknown is what could not be asked. It is never fine.
const (
	Kept    Verdict = "kept"
	Broken  Verdict = "broken"
	Unknown Verdict = "unknown"
)

// Promise is one promise of the stage, looked at.
type Promise struct {
	// Code is stable: that of a Kind.
	Code string `json:"code"`
	// Subject is of what: a name, an address, a target group; "" for the whole.
	Subject string  `json:"subject"`
	Verdict Verdict `json:"verdict"`
	// Evidence is what was seen.
	Evidence string `json:"evidence"`
	// Remedy is what to do about one that is not kept.
	Remedy string `json:"remedy,omitempty"`
}

// Kind is a row of the table of promises.
type Kind struct {
	Code   string
	Means  string
	Remedy string
}

// The codes.
const (
	nameResolves   = "name-resolves"
	certificate    = "certificate"
	oldTLSRefused  = "old-tls-refused"
	httpRedirects  = "http-redirects"
	healthByName   = "health-by-name"
	healthByDoor   = "health-by-address"
	targetsHealthy = "targets-healthy"
	weightsHold    = "weights-hold"
	sessionsHeld   = "sessions-held"
	oneRevision    = "one-revision"
	alarmsAct      = "alarms-act"
	recovers       = "recovers"
)

// Kinds are all promises, in the order in which they are shown.
var Kinds = []Kind{
	{nameResolves, "resolvers answer with what Route 53 has",
		"wait for the record's TTL, two of them for resolvers that keep answers longer; then ask the registrar's name servers: dig +trace <name>"},
	{certificate, "TLS 1.2 or newer, with a certificate that covers the name, leads to a known root and lasts for 14 days more",
		"on a server: journalctl -u caddy; behind a balancer: aws acm describe-certificate, RenewalSummary"},
	{oldTLSRefused, "TLS 1.1 and older are refused", "a balancer's listener has a policy for it (SslPolicy); on a server look who listens on 443"},
	{httpRedirects, "a request by HTTP is sent to HTTPS", "behind a balancer: redirectHttp=true; on a server: systemctl status caddy"},
	{healthByName, "users reach the health check by the name, and it answers 200", "kora status; then the log of the machines"},
	{healthByDoor, "so do the server's address and the balancer, each for itself", "kora status; then the log of the machines"},
	{targetsHealthy, "each target group that has a share of the users has healthy targets, and no other",
		"aws elbv2 describe-target-health --target-group-arn <arn>: it tells the reason"},
	{weightsHold, "answers come from server and fleet in the shares that the listener has",
		"kora status shows the listener's weights; --tells names a field or header in which server and fleet differ, and --requests asks more often"},
	{sessionsHeld, "a session lasts from request to request, whichever machine answers",
		"sessions=redis: look for REDIS_HOST in the app's environment, and whether all nodes have the same SESSION_SECRET"},
	{oneRevision, "every machine that serves has proven the same commit", "kora status names it for each machine; deploy the revision again"},
	{alarmsAct, "every alarm of the stack acts, and one subscriber at least has confirmed",
		"the mail of the first deploy, \"AWS Notification - Subscription Confirmation\", has the link; else alarmEmail and a deploy"},
	{recovers, "a server whose host fails is recovered, a node that fails is replaced", "deploy the stage again: its alarm, or its group, was changed by hand"},
}

// promise is one with the remedy of its kind, which a kept one does not need.
func promise(code, subject string, verdict Verdict, evidence string) Promise {
	p := Promise{Code: code, Subject: subject, Verdict: verdict, Evidence: evidence}
	if verdict != Kept {
		p.Remedy = Kinds[slices.IndexFunc(Kinds, func(k Kind) bool { return k.Code == code })].Remedy
	}
	return p
}

// AnyBroken reports whether a promise is broken.
func AnyBroken(promises []Promise) bool {
	return slices.ContainsFunc(promises, func(p Promise) bool { return p.Verdict == Broken })
}
