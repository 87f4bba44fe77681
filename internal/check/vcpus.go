package check

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/template"
)

// vcpuQuotas are those of running On-Demand instances by what the families begin with (AWSEC2/latest/UserGuide/ec2-on-demand-instances.html,
// "On-Demand Instance quotas"). T types are of the first, with which nearly every account begins at 5.
var vcpuQuotas = []struct {
	code, name string
	families   []string
}{
	{"L-1216C47A", "Standard", []string{"a", "c", "d", "h", "i", "im", "is", "m", "r", "t", "z"}},
	{"L-DB2E81BA", "G and VT", []string{"g", "gr", "vt"}},
	{"L-417A185B", "P", []string{"p"}},
	{"L-7295265B", "X", []string{"x"}},
	{"L-74FC7D96", "F", []string{"f"}},
	{"L-1945791B", "Inf", []string{"inf"}},
}

var familyLetters = regexp.MustCompile(`^[a-z]+`)

// vcpuQuota is the code of the quota that a type counts against, and its name; "" for one that is not known here.
func vcpuQuota(instanceType string) (code, name string) {
	letters := familyLetters.FindString(instanceType)
	for _, q := range vcpuQuotas {
		if slices.Contains(q.families, letters) {
			return q.code, q.name
		}
	}
	return "", ""
}

// demand is how many vCPUs the stack runs at most, and how many more while Auto Scaling moves nodes between zones.
type demand struct{ most, balancing int }

// vcpus compares what the stage runs at its maximum, beside what else runs, with what is allowed.
func vcpus(ctx context.Context, l *looking) ([]Result, error) {
	hardware, err := l.Account.Hardware(ctx, l.kinds())
	if err != nil {
		return nil, err
	}
	for _, kind := range l.kinds() {
		code, _ := vcpuQuota(kind)
		if _, known := hardware[kind]; !known || code == "" {
			return []Result{is(Unknown, kind, "how many vCPUs it has, or which quota it counts against, is not known")}, nil
		}
	}
	running, err := l.Account.Running(ctx)
	if err != nil {
		return nil, err
	}
	demands, others, err := l.demands(hardware, running)
	if err != nil {
		return nil, err
	}
	var results []Result
	for _, code := range slices.Sorted(maps.Keys(demands)) {
		most, err := l.Account.Quota(ctx, "ec2", code)
		if err != nil {
			return results, err
		}
		results = append(results, judgeVCPUs(code, demands[code], others[code], most.Most))
	}
	if len(results) == 0 {
		results = append(results, is(Pass, "", "the stage has no machine"))
	}
	return results, nil
}

// judgeVCPUs warns where all nodes fit, and Auto Scaling could not add one to move others between zones.
func judgeVCPUs(code string, d demand, others, most int) Result {
	said := fmt.Sprintf("the stack needs %d at its maximum, %d run beside it, and %d are allowed", d.most, others, most)
	switch {
	case d.most+others > most:
		return is(Fail, "vCPUs (ec2 "+code+")", "%s", said)
	case d.most+d.balancing+others > most:
		return is(Warn, "vCPUs (ec2 "+code+")", "%s: to move nodes between zones Auto Scaling would want %d more", said, d.balancing)
	}
	return is(Pass, "vCPUs (ec2 "+code+")", "%s", said)
}

// demands are what the stack needs, and what others run, by the quota's code.
func (l *looking) demands(hardware map[string]account.Hardware, running []account.Running) (map[string]demand, map[string]int, error) {
	server, err := l.physical("Server")
	if err != nil {
		return nil, nil, err
	}
	group, err := l.physical("Fleet")
	if err != nil {
		return nil, nil, err
	}
	demands, others := map[string]demand{}, map[string]int{}
	var old account.Running // the stack's server
	node := 0               // vCPUs of the largest node that runs
	for _, one := range running {
		code, _ := vcpuQuota(one.Type)
		switch {
		case one.ID == server:
			old = one
		case group != "" && one.Fleet == group:
			node = max(node, one.VCPUs)
		default:
			others[code] += one.VCPUs
		}
	}
	least := 0 // of the fleet, as it begins
	for _, one := range l.launches() {
		code, _ := vcpuQuota(one.kind)
		d := demands[code]
		each := hardware[one.kind].VCPUs
		if one.what == theFleet { // a roll has old nodes beside new ones, and never more than the maximum
			each = max(each, node)
			d.balancing += each * max(1, one.most/10)
			least = each * one.least
		}
		d.most += each * one.most
		demands[code] = d
	}
	if old.ID == "" {
		return demands, others, nil
	}
	code, _ := vcpuQuota(old.Type)
	d := demands[code]
	d.most, err = l.beside(old.VCPUs, least, d.most)
	if d.most > 0 {
		demands[code] = d
	}
	return demands, others, err
}

// beside is the most that runs where the stack's server does too until the deploy ends: one that is made anew has the new one beside
// it, one that goes what a new fleet begins with.
func (l *looking) beside(old, least, most int) (int, error) {
	server, fleet := l.serves()
	switch {
	case server != nil:
		anew, err := l.replaces(server)
		if anew {
			most += old
		}
		return most, err
	case fleet != nil:
		made, err := l.makes(fleet)
		if made {
			most = max(most, old+least)
		}
		return most, err
	}
	return most, nil
}

// theServer and theFleet are what is launched.
const (
	theServer = "the server"
	theFleet  = "the fleet"
)

// launch is machines of one kind that the deploy may start.
type launch struct {
	what, image, kind string
	least, most       int
	// device and gib are what the template says of the root disk; 0 is the image's own size.
	device string
	gib    int
}

// launches are the machines that the deploy may start: of the fleet its maximum, which a rolling update keeps to
// (aws-attribute-updatepolicy.html: MinInstancesInService is below MaxSize, and what is above it goes first).
func (l *looking) launches() []launch {
	server, fleet := l.serves()
	var all []launch
	if server != nil {
		all = append(all, newLaunch(theServer, server.Properties, 1, 1))
	}
	if fleet != nil {
		for _, t := range l.Template.OfType("AWS::EC2::LaunchTemplate") {
			least, _ := fleet.Number("MinSize")
			most, _ := fleet.Number("MaxSize")
			all = append(all, newLaunch(theFleet, t.Get("LaunchTemplateData"), int(least), int(most)))
		}
	}
	return all
}

func newLaunch(what string, machine any, least, most int) launch {
	disk := template.Get(machine, "BlockDeviceMappings", 0)
	gib, _ := template.Number(template.Get(disk, "Ebs", "VolumeSize"))
	text := func(value any) string {
		word, _ := value.(string)
		return word
	}
	return launch{what, text(template.Get(machine, "ImageId")), text(template.Get(machine, "InstanceType")), least, most,
		text(template.Get(disk, "DeviceName")), int(gib)}
}
