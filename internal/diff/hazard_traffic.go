package diff

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/cfn"
	"github.com/korakagazindia/provisioner/internal/template"
)

func recordIDChanges(m *move, h *found) {
	before := map[string]string{}
	for _, r := range m.from.OfType(recordType) {
		before[recordKey(r)] = r.ID
	}
	for _, r := range m.to.OfType(recordType) {
		if id := before[recordKey(r)]; id != "" && id != r.ID && m.to.Resource(id) == nil {
			h.add(r.ID, "%s is %s's record", recordName(r), id)
		}
	}
}

// recordKey is what a zone tells records apart by; an alias and an address are the same record.
func recordKey(r *template.Resource) string { return recordName(r) + " " + r.Text("SetIdentifier") }

func recordName(r *template.Resource) string {
	return strings.ToLower(strings.TrimSuffix(r.Text("Name"), "."))
}

func recordExists(m *move, h *found) {
	for _, c := range m.of(recordType) {
		if c.Action == Create {
			h.add(c.ID, "%s may exist in the zone", recordName(c.After))
		}
	}
}

func unprovenTarget(m *move, h *found) {
	for _, id := range m.restarting() {
		h.add(id, "it restarts, or is made anew, in the step that leads users to it")
	}
	for _, id := range m.unproven() {
		if !proven(m.to.Resource(id)) {
			h.add(id, "it is created in this step, without a CreationPolicy that waits for it, and users are led to it")
		} else {
			h.add(id, "it is created in this step, and what leads users to it does not wait for it")
		}
	}
}

func longTTL(m *move, h *found) {
	record := m.before.record
	if record == nil {
		return
	}
	c := m.byID[record.ID]
	if c == nil || c.After != nil && !c.Changes("AliasTarget", "ResourceRecords", "Type") {
		return
	}
	if seconds := ttl(record); seconds > 60 {
		h.add(record.ID, "its TTL is %d s until this step", seconds)
	}
}

func balancerLeavesWithDNS(m *move, h *found) {
	if m.before.balancer == "" {
		return
	}
	if c := m.byID[m.before.balancer]; c != nil && c.Action == Delete {
		h.add(c.ID, "the record leads to it until this step, and its clean-up deletes it")
	}
}

// stickyWeights: group stickiness holds a client to a target group, and a target group's own cookie does so to a target.
func stickyWeights(m *move, h *found) {
	for _, c := range m.of(listenerType) {
		if c.Before == nil || c.After == nil {
			continue
		}
		if before, after := weights(c.Before), weights(c.After); !maps.Equal(before, after) {
			if seconds := stickiness(m.from, c.Before); seconds != "" {
				h.add(c.ID, "clients stay where they are for %s s", seconds)
			}
		}
	}
}

// stickiness is how long a listener's clients stay with what they met, "" when they do not: by the listener's own cookie, or
// by one of a target group that it forwards to.
func stickiness(t *template.Template, listener *template.Resource) string {
	for _, action := range template.List(listener.Get("DefaultActions")) {
		config := template.Get(action, "ForwardConfig", "TargetGroupStickinessConfig")
		if template.True(template.Get(config, "Enabled")) {
			return template.Text(template.Get(config, "DurationSeconds"))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(weights(listener))) {
		if r := t.Resource(id); r != nil && attribute(r, "stickiness.enabled") == "true" {
			return cmp.Or(attribute(r, "stickiness.lb_cookie.duration_seconds"), cookieSeconds)
		}
	}
	return ""
}

// cookieSeconds is a balancer cookie's default (Elastic Load Balancing API Reference, TargetGroupAttribute).
const cookieSeconds = "86400"

// attribute is a target group's attribute, "" when it is not set.
func attribute(r *template.Resource, key string) string {
	for _, each := range template.List(r.Get("TargetGroupAttributes")) {
		if template.Get(each, "Key") == key {
			return template.Text(template.Get(each, "Value"))
		}
	}
	return ""
}

func desiredCapacity(m *move, h *found) {
	for _, r := range m.to.OfType(groupType) {
		if value := r.Get("DesiredCapacity"); value != nil {
			h.add(r.ID, "DesiredCapacity is %s", template.Text(value))
		}
	}
}

// doesNotRoll: a changed launch template whose groups keep their nodes.
func doesNotRoll(m *move, h *found) {
	for _, c := range m.of(launchTemplateType) {
		if c.Before == nil || c.After == nil || !c.Changes("LaunchTemplateData") {
			continue
		}
		for _, group := range m.to.OfType(groupType) {
			if m.from.Resource(group.ID) == nil || !uses(group, c.ID) {
				continue
			}
			switch {
			case template.Get(group.UpdatePolicy, "AutoScalingRollingUpdate") == nil && template.Get(group.UpdatePolicy, "AutoScalingReplacingUpdate") == nil:
				h.add(group.ID, "it has no UpdatePolicy: its nodes stay as they are until each is replaced")
			case m.byID[group.ID] == nil || !m.byID[group.ID].Changes("LaunchTemplate", "MixedInstancesPolicy"):
				h.add(group.ID, "its launch template's version is not %s.LatestVersionNumber: its nodes stay as they are", c.ID)
			}
		}
	}
}

func uses(group *template.Resource, launchTemplate string) bool {
	references := template.References([]any{group.Get("LaunchTemplate"), group.Get("MixedInstancesPolicy")})
	return slices.ContainsFunc(references, func(r template.Reference) bool { return r.ID == launchTemplate })
}

// rolling calls check with each group that has a rolling update in the new template and existed before or is made now.
func (m *move) rolling(check func(r *template.Resource, policy any)) {
	for _, r := range m.to.OfType(groupType) {
		if policy := template.Get(r.UpdatePolicy, "AutoScalingRollingUpdate"); policy != nil {
			check(r, policy)
		}
	}
}

func rollWithoutSignals(m *move, h *found) {
	m.rolling(func(r *template.Resource, policy any) {
		if !template.True(template.Get(policy, "WaitOnResourceSignals")) {
			h.add(r.ID, "its rolling update does not wait for signals")
		}
	})
}

func rollHasNoRoom(m *move, h *found) {
	m.rolling(func(r *template.Resource, policy any) {
		kept, _ := template.Number(template.Get(policy, "MinInstancesInService"))
		most, known := r.Number("MaxSize")
		if known && kept >= most {
			h.add(r.ID, "MinInstancesInService is %.0f, MaxSize is %.0f", kept, most)
		}
	})
}

// listenerChangesIdentity: one that is replaced, or that goes while another of its port comes.
func listenerChangesIdentity(m *move, h *found) {
	for _, c := range m.of(listenerType, targetsType) {
		if c.replaced() {
			h.add(c.ID, "%s", replaces(c))
		}
	}
	if m.before.balancer == "" {
		return
	}
	ports := map[string]string{}
	for _, c := range m.of(listenerType) {
		if c.Action == Delete && m.byID[m.before.balancer] == nil {
			ports[c.Before.Text("Port")] = c.ID
		}
	}
	for _, c := range m.of(listenerType) {
		if c.Action == Create && ports[c.After.Text("Port")] != "" {
			h.add(c.ID, "port %s is %s's", c.After.Text("Port"), ports[c.After.Text("Port")])
		}
	}
}

// ruleRemoved: only of groups that stay, and of what is let in.
func ruleRemoved(m *move, h *found) {
	for _, c := range m.of("AWS::EC2::SecurityGroup") {
		if c.Before == nil || c.After == nil || c.Action == Replace {
			continue
		}
		for _, p := range c.Properties {
			if top(p.Path) == "SecurityGroupIngress" && p.From != nil && p.To == nil {
				h.add(c.ID, "it no longer lets in %s", template.Text(p.From))
			}
		}
	}
}

func fleetShrinks(m *move, h *found) {
	for _, c := range m.of(groupType) {
		if c.Before == nil || c.After == nil {
			continue
		}
		for _, property := range []string{"MinSize", "MaxSize"} {
			before, was := c.Before.Number(property)
			after, is := c.After.Number(property)
			if was && is && after < before {
				h.add(c.ID, "%s falls from %.0f to %.0f", property, before, after)
			}
		}
	}
}

// firstGroup: CreateAutoScalingGroup makes the service-linked role where there is none, and the first group can fail before
// that role works (pelias/kubernetes #32; "Service-linked roles for Amazon EC2 Auto Scaling", User Guide).
func firstGroup(m *move, h *found) {
	groups := m.to.OfType(groupType)
	if len(m.from.OfType(groupType)) > 0 || len(groups) == 0 {
		return
	}
	switch most, known := m.vcpus(); {
	case !known:
		h.add(groups[0].ID, "an account's first group may fail once; how many vCPUs it and the servers may need is not known here")
	case most > newAccountVCPUs:
		h.add(groups[0].ID, "an account's first group may fail once; it and the servers may need %d vCPUs, and a new account has %d", most, newAccountVCPUs)
	default:
		h.addAs(Note, groups[0].ID, "an account's first group may fail once; it and the servers need %d vCPUs at most", most)
	}
}

// headersDropped: a name outside [-A-Za-z0-9]+ is invalid to a balancer ("Load balancer attributes", User Guide for
// Application Load Balancers).
func headersDropped(m *move, h *found) {
	if len(m.before.serves) > 0 && drops(m.to, m.after.balancer) && !drops(m.from, m.before.balancer) {
		h.add(m.after.balancer, "until now headers with an underscore in their name reach the app; behind this balancer they do not")
	}
}

// drops reports whether a balancer, "" for none, removes invalid headers.
func drops(t *template.Template, balancer string) bool {
	r := t.Resource(balancer)
	return r != nil && template.True(balancerAttribute(r, "routing.http.drop_invalid_header_fields.enabled"))
}

// balancerAttribute is a balancer's attribute, nil when it is not set.
func balancerAttribute(r *template.Resource, key string) any {
	for _, each := range template.List(r.Get("LoadBalancerAttributes")) {
		if template.Get(each, "Key") == key {
			return template.Get(each, "Value")
		}
	}
	return nil
}

func certificateWaits(m *move, h *found) {
	for _, c := range m.of(certificateType) {
		if c.After == nil || (c.Action != Create && !c.replaced()) || validatesItself(c.After) {
			continue
		}
		h.add(c.ID, "nothing in the stack validates it for %s: the deploy waits for its validation record, 12 hours at most, and then fails", c.After.Text("DomainName"))
	}
}

// validatesItself reports whether CloudFormation makes the validation record: for each domain a zone is named.
func validatesItself(r *template.Resource) bool {
	zones := map[string]bool{}
	for _, option := range template.List(r.Get("DomainValidationOptions")) {
		if zone := template.Get(option, "HostedZoneId"); zone != nil && !strings.Contains(template.Text(zone), "AWS::NoValue") {
			zones[template.Text(template.Get(option, "DomainName"))] = true
		}
	}
	for _, domain := range append([]any{r.Get("DomainName")}, template.List(r.Get("SubjectAlternativeNames"))...) {
		if !zones[template.Text(domain)] {
			return false
		}
	}
	return true
}

func tooLarge(m *move, h *found) {
	size := cfn.Size(m.to.Raw)
	if size <= cfn.Limit {
		return
	}
	if m.to.Parameters["BootstrapVersion"] != nil {
		return // the CDK's bootstrapped stacks carry this parameter, and the bucket with it
	}
	h.add("", "it has %s characters, CloudFormation takes %s", thousands(size), thousands(cfn.Limit))
}

func thousands(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
