package diff

import (
	"regexp"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/adopted"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/finding"
	"github.com/korakagazindia/provisioner/internal/machine"
	"github.com/korakagazindia/provisioner/internal/stage"
	"github.com/korakagazindia/provisioner/internal/template"
)

// warned is what the app warns of in a template, and the codes of what only the context could tell. A template's file has no
// context: of this app's templates it shows what their machines are told, and so most keys.
func warned(t *template.Template) (found []finding.Finding, open []string) {
	if t.Told {
		return t.Warned, nil
	}
	c := &context{template: t}
	if !c.read() {
		return nil, nil
	}
	found, open = c.WarningsKnowing(c.known)
	return found, slices.DeleteFunc(open, judged)
}

// context is as much of a configuration as a template shows.
type context struct {
	config.Config
	template *template.Template
	known    []string // keys
}

// read reads what the template shows, false when it is not of this app: only that hands its machines such settings.
func (c *context) read() bool {
	server, serverSettings := c.server()
	group, node := c.fleet()
	settings := serverSettings
	if node != nil {
		settings = machine.Assigned(node.Text("LaunchTemplateData", "UserData"))
	}
	if settings["APP_DIRECTORY"] == "" {
		return false
	}
	c.Region = c.template.Region
	c.knows("region")
	c.settings(settings)
	c.network(server)
	c.Stage, c.KeepServer = stage.Single, config.KeepNone
	if group != nil {
		c.Stage = stage.Horizontal
		c.fleetOf(group, node)
		c.knows("keepServer")
	} else {
		c.knows("fleetImageId", "minCapacity", "maxCapacity", "lowHealthyHostsAlarmName", "certificateArn") // of a fleet that is not there
	}
	c.knows("stage")
	if server != nil {
		c.KeepServer = config.KeepSingle
		c.SingleInstanceType = server.Text("InstanceType")
		c.ImageID = c.image(server.Get("ImageId"), "imageId")
		if adoptedID(server) != "" {
			c.AdoptedServer = &adopted.Server{}
		}
	} else {
		c.knows("imageId") // of a server that is not there
	}
	c.types()
	return true
}

func (c *context) knows(keys ...string) { c.known = append(c.known, keys...) }

// server is the server, and what the parameter tells it that it reads at its start.
func (c *context) server() (*template.Resource, map[string]string) {
	for _, r := range c.template.OfType("AWS::SSM::Parameter") {
		if settings := machine.Assigned(r.Text("Value")); settings["APP_DIRECTORY"] != "" {
			return c.template.Resource("Server"), settings
		}
	}
	return nil, nil
}

// fleet is the group and what its nodes are launched from.
func (c *context) fleet() (group, node *template.Resource) {
	group = c.template.Resource("Fleet")
	if group == nil || group.Type != groupType {
		return nil, nil
	}
	for _, r := range c.template.OfType(launchTemplateType) {
		if uses(group, r.ID) {
			return group, r
		}
	}
	return nil, nil
}

// settings are what both kinds of machines are told.
func (c *context) settings(told map[string]string) {
	number := func(name, key string) int {
		n, isNumber := template.Number(told[name])
		if isNumber {
			c.knows(key)
		}
		return int(n)
	}
	c.Port = number("PORT", "port")
	c.HealthCheckGraceSeconds = number("GRACE", "healthCheckGraceSeconds")
	c.AppUser, c.GitRepository, c.GitRef, c.DomainName = told["APP_USER"], told["GIT_REPOSITORY"], told["GIT_REF"], told["DOMAIN"]
	c.BuildCommand = told["BUILD_COMMAND"]
	c.knows("appUser", "gitRepository", "gitRef", "domainName", "buildCommand")
}

// network is where the machines are, and which ports the server has open to all.
func (c *context) network(server *template.Resource) {
	if subnets := c.template.OfType("AWS::EC2::Subnet"); len(c.template.OfType("AWS::EC2::VPC")) > 0 {
		for _, r := range subnets {
			c.AvailabilityZones = append(c.AvailabilityZones, r.Text("AvailabilityZone"))
		}
		c.knows("availabilityZones")
	} else {
		c.VpcID = "vpc" // one that the template does not make
	}
	c.knows("vpcId", "publicPorts")
	if server == nil {
		return
	}
	for _, reference := range template.References(server.Get("SecurityGroupIds")) {
		group := c.template.Resource(reference.ID)
		if group == nil {
			continue
		}
		for _, rule := range template.List(group.Get("SecurityGroupIngress")) {
			if port, isNumber := template.Number(template.Get(rule, "FromPort")); isNumber && template.Get(rule, "CidrIp") == "0.0.0.0/0" {
				c.PublicPorts = append(c.PublicPorts, int(port))
			}
		}
	}
}

// fleetOf is the group's size, its nodes, its alarm and its certificate.
func (c *context) fleetOf(group, node *template.Resource) {
	least, known := group.Number("MinSize")
	most, knownToo := group.Number("MaxSize")
	if known && knownToo {
		c.MinCapacity, c.MaxCapacity = int(least), int(most)
		c.knows("minCapacity", "maxCapacity")
	}
	c.FleetImageID = c.image(node.Get("LaunchTemplateData", "ImageId"), "fleetImageId")
	c.FleetInstanceType = node.Text("LaunchTemplateData", "InstanceType")
	for _, alarm := range c.template.OfType(alarmType) {
		if alarm.ID == "LowHealthyHostsAlarm" {
			c.LowHealthyHostsAlarmName = alarm.Text("AlarmName")
			c.knows("lowHealthyHostsAlarmName")
		}
	}
	for _, listener := range c.template.OfType(listenerType) {
		if listener.Text("Protocol") == "HTTPS" {
			c.CertificateArn = listener.Text("Certificates", 0, "CertificateArn")
		}
	}
	c.knows("certificateArn")
}

// types are those of the machines that are there: what another stage has, a template does not show.
func (c *context) types() {
	if c.SingleInstanceType == "" {
		c.SingleInstanceType = c.FleetInstanceType
	}
	if c.FleetInstanceType == "" {
		c.FleetInstanceType = c.SingleInstanceType
	}
	c.VerticalInstanceType = c.SingleInstanceType
	c.knows("singleInstanceType", "verticalInstanceType", "fleetInstanceType")
}

// ubuntu is the parameter of Canonical's dated image, with its processor.
var ubuntu = regexp.MustCompile(`^\{\{resolve:ssm:/aws/service/canonical/ubuntu/.*/(amd64|arm64)/`)

// image is a machine's own image, "" for Ubuntu's.
func (c *context) image(value any, key string) string {
	text, isText := value.(string)
	match := ubuntu.FindStringSubmatch(text)
	switch {
	case match != nil:
		c.Architecture = map[string]string{"amd64": "x86_64", "arm64": "arm64"}[match[1]]
		c.knows("architecture", key)
		return ""
	case isText && !strings.HasPrefix(text, "{{"):
		c.knows("architecture", key)
	}
	return text
}

// warnings adds what the app warns of in the new template, but for what a hazard of the same code judges better, by the move.
// What it warned of before too is a note; and a stop is one only where the move makes, or rolls, what it is about. Where
// nothing changes, what it begins to warn of may say why.
func (m *move) warnings() []finding.Finding {
	if m.still() && !(m.from.Told && m.to.Told) {
		return nil
	}
	before, _ := warned(m.from)
	after, open := warned(m.to)
	var all []finding.Finding
	for _, w := range after {
		if judged(w.Code) {
			continue
		}
		w.Before = slices.ContainsFunc(before, func(b finding.Finding) bool {
			return b.Code == w.Code && b.Subject == w.Subject && b.Reason == w.Reason
		})
		if w.Before && m.still() {
			continue
		}
		switch c := m.byID[w.Subject]; {
		case w.Severity == Stop && !m.still() && (w.Subject == "" || m.to.Resource(w.Subject) == nil || c != nil && makesMachines(c) || m.beginsOn(w.Subject)):
			w.Before = false
		case w.Before:
			w.Severity = Note
		case w.Severity == Stop:
			w.Severity = Warn
		}
		all = append(all, w)
	}
	if len(open) > 0 {
		all = append(all, finding.Finding{Code: contextUnknown, Severity: Note, Remedy: contextRemedy,
			Reason: "the new side is a template without its context, which alone could tell: " + commas(open)})
	}
	return all
}

// beginsOn reports whether the move makes something that first runs on a server, and for whose success the deploy waits: its
// first revision.
func (m *move) beginsOn(server string) bool {
	return slices.ContainsFunc(m.of("AWS::SSM::Association"), func(c *Change) bool {
		return c.Action == Create && c.After.Get("WaitForSuccessTimeoutSeconds") != nil && c.After.Get("Parameters", "gitRef") != nil &&
			slices.ContainsFunc(template.References(c.After.Properties), func(r template.Reference) bool { return r.ID == server })
	})
}

// judged reports whether a hazard of a code is found in the move itself.
func judged(code string) bool {
	return slices.ContainsFunc(kinds, func(k kind) bool { return k.Code == code })
}

// makesMachines reports whether a change makes a server or nodes, or may.
func makesMachines(c *Change) bool {
	return c.Action == Create || c.replaced() || c.Before != nil && c.After != nil && c.Type == groupType && rolls(c)
}
