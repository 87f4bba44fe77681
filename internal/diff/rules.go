package diff

import (
	"maps"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/template"
)

// ruleDetails is details for policies and security groups: the rules that go and the rules that come, each in a line.
func ruleDetails(resourceType, path string, from, to any) ([]Property, bool) {
	var describe func(any) []string
	switch name := path[strings.LastIndex(path, ".")+1:]; {
	case strings.HasSuffix(name, "PolicyDocument"), name == "KeyPolicy":
		describe = statements
	case name == "Policies" && resourceType == "AWS::IAM::Role":
		describe = inlinePolicies
	case strings.HasPrefix(name, "SecurityGroupIngress"), strings.HasPrefix(name, "SecurityGroupEgress"):
		describe = portRules
	default:
		return nil, false
	}
	before, after := describe(from), describe(to)
	var all []Property
	for _, rule := range before {
		if !slices.Contains(after, rule) {
			all = append(all, Property{Path: path, From: rule})
		}
	}
	for _, rule := range after {
		if !slices.Contains(before, rule) {
			all = append(all, Property{Path: path, To: rule})
		}
	}
	return all, len(all) > 0
}

// inlinePolicies are the statements of a role's policies, behind the policy's name.
func inlinePolicies(value any) []string {
	var all []string
	for _, policy := range template.List(value) {
		for _, statement := range statements(template.Get(policy, "PolicyDocument")) {
			all = append(all, template.Text(template.Get(policy, "PolicyName"))+": "+statement)
		}
	}
	return all
}

// statements are a policy's, one line for each action: "allow s3:GetObject on ${Bucket.Arn}/*".
func statements(document any) []string {
	var all []string
	for _, statement := range template.List(template.Get(document, "Statement")) {
		m, _ := statement.(map[string]any)
		rest := ""
		for _, key := range slices.Sorted(maps.Keys(m)) {
			switch word := map[string]string{"Resource": " on ", "NotResource": " on all but ", "Principal": " for ", "NotPrincipal": " for all but ", "Condition": " if "}[key]; {
			case word != "":
				rest += word + principal(m[key])
			}
		}
		effect := strings.ToLower(template.Text(m["Effect"]))
		for _, action := range template.List(m["Action"]) {
			all = append(all, effect+" "+template.Text(action)+rest)
		}
		for _, action := range template.List(m["NotAction"]) {
			all = append(all, effect+" all but "+template.Text(action)+rest)
		}
	}
	return all
}

// principal is a value without the brackets of one alone: {"Service": "ec2.amazonaws.com"}.
func principal(value any) string {
	if m, ok := value.(map[string]any); ok && len(m) == 1 {
		if _, _, function := template.Function(value); !function {
			for _, only := range m {
				if text, ok := only.(string); ok {
					return text
				}
			}
		}
	}
	if list, ok := value.([]any); ok {
		var parts []string
		for _, item := range list {
			parts = append(parts, template.Text(item))
		}
		return strings.Join(parts, ", ")
	}
	return template.Text(value)
}

// portRules are a security group's: "tcp 80 from 0.0.0.0/0".
func portRules(value any) []string {
	var all []string
	for _, rule := range template.List(value) {
		all = append(all, portRule(rule))
	}
	return all
}

func portRule(rule any) string {
	protocol := template.Text(template.Get(rule, "IpProtocol"))
	if protocol == "-1" {
		protocol = "everything"
	}
	first, last := template.Get(rule, "FromPort"), template.Get(rule, "ToPort")
	if first != nil {
		protocol += " " + template.Text(first)
	}
	if last != nil && !equal(first, last) {
		protocol += "-" + template.Text(last)
	}
	for _, peer := range []struct{ property, word string }{
		{"CidrIp", "from"}, {"CidrIpv6", "from"}, {"SourceSecurityGroupId", "from"}, {"SourcePrefixListId", "from"},
		{"DestinationSecurityGroupId", "to"}, {"DestinationPrefixListId", "to"},
	} {
		if value := template.Get(rule, peer.property); value != nil {
			protocol += " " + peer.word + " " + template.Text(value)
		}
	}
	return protocol
}
