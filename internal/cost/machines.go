package cost

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/instancetype"
	"github.com/korakagazindia/provisioner/internal/price"
	"github.com/korakagazindia/provisioner/internal/template"
)

// machine is one server or the nodes of a group, as launched.
type machine struct {
	from    *template.Resource // the server or group on whose account it is
	data    map[string]any     // its properties: of an instance, or of a launch template
	count   Range
	one     string // "server" or "node"
	credits any    // how CPU above the baseline is paid
	watched any    // whether detailed monitoring is on
	subnets any    // one or a list
}

// instance counts a server.
func (c *counter) instance(r *template.Resource) {
	data := r.Properties
	if launch := c.launchTemplate(r.Get("LaunchTemplate")); launch != nil {
		data = overlaid(launch, data)
	}
	m := machine{from: r, data: data, count: same(1), one: "server",
		credits: first(r.Get("CreditSpecification", "CPUCredits"), template.Get(data, "CreditSpecification", "CpuCredits")),
		watched: first(r.Get("Monitoring"), template.Get(data, "Monitoring", "Enabled")),
		subnets: first(r.Get("SubnetId"), template.Get(data, "SubnetId"))}
	if _, isMap := m.watched.(map[string]any); isMap {
		m.watched = template.Get(m.watched, "Enabled")
	}
	c.machine(m)
	if !c.hasElasticIP(r) {
		c.public(m, "IPv4 of the server")
	}
}

// group counts the nodes of an Auto Scaling group: low at its minimum, high at its maximum, typical as the usage says.
func (c *counter) group(r *template.Resource) {
	count, ok := c.size(r)
	if !ok {
		c.unpriced(r, "MinSize and MaxSize are known only when it is deployed")
		return
	}
	if n := float64(c.usage.Instances); n > 0 && (n < count.Low || n > count.High) {
		c.fault = fmt.Errorf("--instances %v is not allowed: %s takes %v to %v", n, r.ID, count.Low, count.High)
	}
	if r.Get("MixedInstancesPolicy") != nil {
		c.unpriced(r, "a mix of instance types: only the deployment tells which ones run")
		return
	}
	data := c.launchTemplate(r.Get("LaunchTemplate"))
	if configuration := c.target(r.Get("LaunchConfigurationName")); configuration != nil {
		data = launchData(configuration)
	}
	if data == nil {
		c.unpriced(r, "its launch template is not in the template: what it launches is not known")
		return
	}
	m := machine{from: r, data: data, count: count, one: "node",
		credits: template.Get(data, "CreditSpecification", "CpuCredits"),
		watched: first(template.Get(data, "Monitoring", "Enabled")),
		subnets: first(r.Get("VPCZoneIdentifier"), "of the default VPC")}
	c.machine(m)
	c.public(m, "IPv4 of the nodes")
}

// launchData is a launch configuration in the words of a launch template. Its monitoring is detailed unless it says
// otherwise (AWS::AutoScaling::LaunchConfiguration, "InstanceMonitoring").
func launchData(r *template.Resource) map[string]any {
	data := overlaid(r.Properties, map[string]any{
		"Monitoring": map[string]any{"Enabled": first(r.Get("InstanceMonitoring"), true)},
		"Placement":  map[string]any{"Tenancy": r.Get("PlacementTenancy")},
	})
	if spot := r.Get("SpotPrice"); spot != nil {
		data["InstanceMarketOptions"] = map[string]any{"MarketType": "spot"}
	}
	if said := r.Get("AssociatePublicIpAddress"); said != nil {
		data["NetworkInterfaces"] = []any{map[string]any{"AssociatePublicIpAddress": said}}
	}
	return data
}

// size is how many nodes a group has; false when the template does not tell it.
func (c *counter) size(r *template.Resource) (Range, bool) {
	low, known := c.number(r.Get("MinSize"), 0)
	high, knownToo := c.number(r.Get("MaxSize"), 0)
	typical := low
	if c.usage.Instances > 0 {
		typical = float64(c.usage.Instances)
	}
	return Range{low, typical, max(low, high)}, known && knownToo
}

// machine counts what every server and node costs: itself, its CPU above the baseline, its disks, its metrics.
func (c *counter) machine(m machine) {
	kind, ok := c.text(template.Get(m.data, "InstanceType"))
	switch system := system(m.data["ImageId"]); {
	case m.data["InstanceType"] == nil && m.data["Fn::Transform"] != nil:
		ok = false // said as not understood
	case system != "":
		c.unpriced(m.from, "%s has prices of its own, and the price book has those of Linux", system)
		ok = false
	case m.data["InstanceType"] == nil && m.data["InstanceRequirements"] == nil && m.data["InstanceId"] == nil:
		kind, ok = "m1.small", true // AWS::EC2::Instance, "InstanceType": the default
	case m.data["InstanceMarketOptions"] != nil:
		c.unpriced(m.from, "a spot price changes by the hour")
		ok = false
	case !ok:
		c.unpriced(m.from, "its instance type is known only when it is deployed")
	}
	switch tenancy := c.tenancy(m); {
	case !template.Known(tenancy):
		c.unpriced(m.from, "its tenancy is known only when it is deployed")
		ok = false
	case tenancy != "default":
		c.unpriced(m.from, "a tenancy of its own costs more than the price book's")
		ok = false
	}
	if ok {
		c.add(m.from, Machines, "ec2/"+kind, kind+" "+m.one, m.count.Times(price.HoursPerMonth))
		c.surplus(m, kind)
		c.cheaper(m, kind)
	}
	c.rootVolumes(m)
	c.image(m)
	if !template.Known(m.watched) {
		c.unpriced(m.from, "whether its monitoring is detailed is known only when it is deployed")
	}
	if template.True(m.watched) {
		c.add(m.from, Monitoring, "cloudwatch/metric", "detailed monitoring, "+m.one, m.count.Times(detailedMetrics))
	}
}

// tenancy is that of a machine, or that of the network that it stands in.
func (c *counter) tenancy(m machine) any {
	host := first(m.data["HostId"], m.data["HostResourceGroupArn"], template.Get(m.data, "Placement", "HostId"), template.Get(m.data, "Placement", "HostResourceGroupArn"))
	if host != nil && template.Known(host) {
		return "host"
	}
	if own := first(m.data["Tenancy"], template.Get(m.data, "Placement", "Tenancy"), host); own != nil {
		return own
	}
	subnets, _ := template.Listed(m.subnets)
	for _, card := range template.List(m.data["NetworkInterfaces"]) {
		subnets = append(slices.Clone(subnets), template.Get(card, "SubnetId"))
		if made := c.target(template.Get(card, "NetworkInterfaceId")); made != nil {
			subnets = append(subnets, made.Get("SubnetId"))
		}
	}
	for _, each := range subnets {
		if subnet := c.target(each); subnet != nil {
			if network := c.target(subnet.Get("VpcId")); network != nil && network.Get("InstanceTenancy") != nil {
				return network.Get("InstanceTenancy")
			}
		}
	}
	return "default"
}

// systems are the public images, by a part of their parameter's path, whose servers cost more than those of Linux.
var systems = map[string]string{"windows": "Windows", "/suse/": "SUSE Linux", "/marketplace/": "an image of the Marketplace"}

// system is what a public image costs extra for, or one that it may be, "" for none.
func system(image any) string {
	text := strings.ToLower(template.Text(image))
	for part, name := range systems {
		if strings.Contains(text, "resolve:ssm:") && strings.Contains(text, part) {
			return name
		}
	}
	return ""
}

// detailedMetrics is how many metrics of an instance detailed monitoring bills (Amazon CloudWatch pricing, example 1:
// "7 metrics per instance").
const detailedMetrics = 7

// surplus counts the CPU above the baseline that unlimited credits pay for.
func (c *counter) surplus(m machine, kind string) {
	parsed, _ := instancetype.Parse(kind)
	b, bursts := parsed.Burst()
	if !bursts {
		return
	}
	mode, ok := c.text(first(m.credits, map[bool]string{true: "unlimited", false: "standard"}[b.Unlimited]))
	above := max(0, c.usage.CPUPercent-b.BaselinePercent) / 100 * float64(b.VCPUs)
	switch {
	case !ok:
		c.unpriced(m.from, "whether its credits are unlimited is known only when it is deployed")
	case strings.EqualFold(mode, "unlimited"):
		c.add(m.from, Machines, creditPrice(parsed), fmt.Sprintf("CPU above %v %% of the %s", b.BaselinePercent, m.one),
			m.count.Times(above*price.HoursPerMonth))
	case above > 0:
		c.note("%s cannot hold %v %% CPU: %s with standard credits falls to %v %% of each vCPU",
			m.from.ID, c.usage.CPUPercent, kind, b.BaselinePercent)
	}
}

// creditPrice is the key, in the price book, of a vCPU-hour above the baseline.
func creditPrice(t instancetype.Type) string {
	if t.ARM() {
		return "ec2/credits-arm"
	}
	return "ec2/credits-x86"
}

// launchTemplate is the data of the launch template that a group or an instance names, nil when it is not in the template.
func (c *counter) launchTemplate(spec any) map[string]any {
	for _, name := range []string{"LaunchTemplateId", "LaunchTemplateName"} {
		if r := c.target(template.Get(spec, name)); r != nil {
			data, _ := r.Get("LaunchTemplateData").(map[string]any)
			return data
		}
		for _, r := range c.template.OfType("AWS::EC2::LaunchTemplate") {
			if given := template.Get(spec, name); name == "LaunchTemplateName" && given != nil && given == any(r.Text("LaunchTemplateName")) {
				data, _ := r.Get("LaunchTemplateData").(map[string]any)
				return data
			}
		}
	}
	return nil
}

// image remembers an image of one's own. AWS's and Canonical's public parameters name images that cost nothing.
func (c *counter) image(m machine) {
	switch id, _ := m.data["ImageId"].(string); {
	case id != "" && !strings.HasPrefix(id, "{{resolve:ssm:/aws/service/") && !strings.HasPrefix(id, "resolve:ssm:/aws/service/"):
		c.images[id] = true
	case id == "" && !template.Known(m.data["ImageId"]):
		c.note("%s: which image is known only when it is deployed; the storage of one of your own is not counted", m.from.ID)
	}
}

// outside counts what the template uses and does not make: hosted zones, and images, whose storage is that of a snapshot.
func (c *counter) outside() {
	for range c.zones {
		c.add(nil, Naming, "route53/zone", "hosted zone, outside the stack", same(1))
	}
	for _, id := range slices.Sorted(maps.Keys(c.images)) {
		c.add(nil, Disks, "ebs/snapshot", "image "+shortened(id), same(c.usage.DiskUsedGiB))
		c.note("an image that is named by its id is taken for one of your own; one of somebody else's costs nothing")
	}
}

// shortened keeps a line readable.
func shortened(text string) string {
	if len(text) > 24 {
		return text[:23] + "…"
	}
	return text
}

// overlaid is base with what over says instead.
func overlaid(base, over map[string]any) map[string]any {
	all := map[string]any{}
	maps.Copy(all, base)
	maps.Copy(all, over)
	return all
}

// first is the first value that is there.
func first(values ...any) any {
	for _, v := range values {
		if v != nil {
			return v
		}
	}
	return nil
}
