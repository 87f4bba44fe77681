package diff

import (
	"slices"

	"github.com/korakagazindia/provisioner/internal/template"
)

// The types whose part in serving users is known.
const (
	instanceType       = "AWS::EC2::Instance"
	addressType        = "AWS::EC2::EIP"
	associationType    = "AWS::EC2::EIPAssociation"
	recordType         = "AWS::Route53::RecordSet"
	groupType          = "AWS::AutoScaling::AutoScalingGroup"
	launchTemplateType = "AWS::EC2::LaunchTemplate"
	balancerType       = "AWS::ElasticLoadBalancingV2::LoadBalancer"
	listenerType       = "AWS::ElasticLoadBalancingV2::Listener"
	ruleType           = "AWS::ElasticLoadBalancingV2::ListenerRule"
	targetsType        = "AWS::ElasticLoadBalancingV2::TargetGroup"
	certificateType    = "AWS::CertificateManager::Certificate"
	alarmType          = "AWS::CloudWatch::Alarm"
	bucketType         = "AWS::S3::Bucket"
	volumeType         = "AWS::EC2::Volume"
	databaseType       = "AWS::RDS::DBInstance"
	cacheType          = "AWS::ElastiCache::ReplicationGroup"
)

// traffic is how users reach the backend in one template: the record leads to an address or to a balancer, a balancer's
// listener to target groups, and those to a server or to a group of nodes.
type traffic struct {
	record   *template.Resource // nil when the stack has none
	balancer string             // the one that users are led to: target
	serves   map[string]float64 // servers and groups, with their share from 0 to 1
}

func trafficOf(t *template.Template) *traffic {
	way := &traffic{serves: map[string]float64{}}
	for _, r := range t.OfType(recordType) {
		if kind := r.Text("Type"); kind == "A" || kind == "AAAA" || kind == "CNAME" {
			way.record = r
			break
		}
	}
	if way.balancer = target(t, way.record); way.balancer != "" {
		way.behind(t)
	} else {
		way.direct(t)
	}
	return way
}

// target is the balancer that a record leads to, "" when it leads elsewhere. Without a record it is what the stack's output tells
// its owner to lead one to, and without an output the only balancer.
func target(t *template.Template, record *template.Resource) string {
	if record == nil {
		if told := t.Outputs["DnsTarget"]; told != nil {
			return balancerIn(t, told)
		}
		if balancers := t.OfType(balancerType); len(balancers) == 1 {
			return balancers[0].ID
		}
		return ""
	}
	return balancerIn(t, []any{record.Get("AliasTarget"), record.Get("ResourceRecords")})
}

// balancerIn is the balancer that a value refers to, "" for none.
func balancerIn(t *template.Template, value any) string {
	for _, reference := range template.References(value) {
		if r := t.Resource(reference.ID); r != nil && r.Type == balancerType {
			return r.ID
		}
	}
	return ""
}

// direct adds the servers that an address is associated with, or all servers where the template associates none.
func (w *traffic) direct(t *template.Template) {
	for _, a := range t.OfType(associationType, addressType) {
		if to, ok := template.Refers(a.Get("InstanceId")); ok {
			w.serves[to.ID] = 1
		}
	}
	if len(w.serves) > 0 {
		return
	}
	for _, r := range t.OfType(instanceType) {
		w.serves[r.ID] = 1
	}
}

// behind adds what the balancer's listeners forward to, each with the largest share that a listener gives it.
func (w *traffic) behind(t *template.Template) {
	shares := map[string]float64{}
	for _, listener := range t.OfType(listenerType, ruleType) {
		if balancerOf(t, listener) != w.balancer {
			continue
		}
		for id, share := range weights(listener) {
			shares[id] = max(shares[id], share)
		}
	}
	for id, share := range shares {
		if share == 0 {
			continue
		}
		for _, member := range members(t, id) {
			w.serves[member] = share
		}
	}
}

// balancerOf is the balancer that a listener, or a rule of one, belongs to.
func balancerOf(t *template.Template, r *template.Resource) string {
	if to, ok := template.Refers(r.Get("ListenerArn")); ok {
		if listener := t.Resource(to.ID); listener != nil && listener.Type == listenerType {
			r = listener
		}
	}
	to, _ := template.Refers(r.Get("LoadBalancerArn"))
	return to.ID
}

// weights is the share of each target group that a listener forwards to.
func weights(listener *template.Resource) map[string]float64 {
	all := map[string]float64{}
	sum := 0.0
	for _, action := range append(template.List(listener.Get("DefaultActions")), template.List(listener.Get("Actions"))...) {
		groups := template.List(template.Get(action, "ForwardConfig", "TargetGroups"))
		if only := template.Get(action, "TargetGroupArn"); only != nil && groups == nil {
			groups = []any{map[string]any{"TargetGroupArn": only}}
		}
		for _, group := range groups {
			to, ok := template.Refers(template.Get(group, "TargetGroupArn"))
			if !ok {
				continue
			}
			weight, weighted := template.Number(template.Get(group, "Weight"))
			if !weighted {
				weight = 1
			}
			all[to.ID] += weight
			sum += weight
		}
	}
	for id := range all {
		if sum > 0 {
			all[id] /= sum
		}
	}
	return all
}

// members are the servers in a target group, and the groups whose nodes register there.
func members(t *template.Template, targetGroup string) []string {
	var all []string
	if r := t.Resource(targetGroup); r != nil {
		for _, each := range template.List(r.Get("Targets")) {
			if to, ok := template.Refers(template.Get(each, "Id")); ok {
				all = append(all, to.ID)
			}
		}
	}
	for _, group := range t.OfType(groupType) {
		for _, arn := range template.List(group.Get("TargetGroupARNs")) {
			if to, ok := template.Refers(arn); ok && to.ID == targetGroup {
				all = append(all, group.ID)
			}
		}
	}
	return all
}

// serving lists who serves, by logical id.
func (w *traffic) serving() []string {
	var all []string
	for id := range w.serves {
		all = append(all, id)
	}
	slices.Sort(all)
	return all
}

// proven reports whether CloudFormation waits until a created server or group has said that it serves, for certain.
func proven(r *template.Resource) bool {
	if r == nil {
		return false
	}
	_, waits := template.Get(r.CreationPolicy, "ResourceSignal").(map[string]any)
	return waits
}

// waitsFor reports whether a resource comes after another one, directly or through others.
func waitsFor(t *template.Template, r *template.Resource, id string) bool {
	seen := map[string]bool{}
	var walk func(*template.Resource) bool
	walk = func(r *template.Resource) bool {
		for _, need := range t.DependsOn(r) {
			if need == id {
				return true
			}
			if !seen[need] {
				seen[need] = true
				if walk(t.Resource(need)) {
					return true
				}
			}
		}
		return false
	}
	return r != nil && walk(r)
}
