package adopt

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
)

// database proposes the security group of the database that lets the server in.
func (d *deciding) database() {
	f, c := d.facts, d.config
	if d.unknown("databases") || d.unknown("security groups") {
		return
	}
	var lets []account.Database
	byGroup := map[string]bool{}
	for _, database := range f.Databases {
		if group := d.lets(database); group != "" {
			lets = append(lets, database)
			byGroup[group] = true
		}
	}
	switch {
	case c.DatabaseSecurityGroupID != "" && byGroup[c.DatabaseSecurityGroupID]: // a person's choice
	case len(f.Databases) == 0:
		d.find("database", f.Region, "there is none in the region: it is elsewhere, or not RDS's")
	case len(lets) == 0:
		d.find("database", f.Server.VpcID, "none of the VPC's lets the server in")
	case len(byGroup) > 1:
		d.find("database", f.Server.VpcID, "several let the server in: "+described(lets))
	default:
		for group := range byGroup {
			d.key("databaseSecurityGroupId", group, c.DatabaseSecurityGroupID, "of "+described(lets)+", which lets the server in")
			d.key("databasePort", lets[0].Port, c.DatabasePort, "the database's")
		}
	}
}

func described(databases []account.Database) string {
	var all []string
	for _, one := range databases {
		all = append(all, one.ID+" ("+one.Engine+")")
	}
	return strings.Join(all, ", ")
}

// lets is the group by which a database of the server's VPC lets the server in at its port, "" for none.
func (d *deciding) lets(database account.Database) string {
	f := d.facts
	for _, id := range database.GroupIDs {
		for _, rule := range f.Groups[id].Rules {
			known := slices.ContainsFunc(rule.GroupIDs, func(id string) bool { return slices.Contains(f.Server.GroupIDs, id) })
			if rule.Covers(database.Port) && (known || rule.World() || rule.Admits(f.Server.PrivateIP)) {
				return id
			}
		}
	}
	return ""
}

// names finds the names of the stack's that something else has.
func (d *deciding) names() {
	for _, taken := range d.facts.Taken {
		switch {
		case taken.Kind == alarm && taken.Name == d.config.HighCPUAlarmName:
			d.find("name-taken", taken.Name, "an alarm has it, and the stack's first deploy makes one", "aws cloudwatch delete-alarms --alarm-names "+taken.Name+
				", or another highCpuAlarmName in cdk.json")
		case taken.Kind == alarm:
			d.find("name-taken", taken.Name, "an alarm has it, and the move to the fleet makes one", "aws cloudwatch delete-alarms --alarm-names "+taken.Name+
				", or another lowHealthyHostsAlarmName in cdk.json")
		case taken.Kind == parameter:
			d.find("name-taken", taken.Name, "a parameter has it, and the stack's first deploy makes one", "aws ssm delete-parameter --name "+taken.Name+
				", or another name in cdk.json")
		default:
			d.find("name-taken", taken.Name, "a "+taken.Kind+" has it, and the move to the fleet makes one")
		}
	}
}

// conflicts finds what cdk.json says otherwise.
func (d *deciding) conflicts() {
	for _, key := range d.Keys {
		if key.Conflicts() {
			d.find("conflict", key.Name, fmt.Sprintf("cdk.json says %s, and the account %s (%s)", spelled(key.Has), spelled(key.Value), key.Why))
		}
	}
}

// notice finds what is good to know.
func (d *deciding) notice() {
	f := d.facts
	id := f.Server.InstanceID
	for _, u := range f.Unknown {
		if !u.Needed || d.choices.Beside {
			d.find("not-read", u.What, u.Why)
		}
	}
	d.open()
	if d.choices.Beside {
		return
	}
	if f.Server.RootDevice.DeleteOnTermination {
		d.find("disk-ends-with-server", id, f.Server.RootDevice.Name+" is deleted when the server is ended")
	}
	if f.Tokenless > 0 {
		d.find("tokenless", id, fmt.Sprintf("%.0f times in the last %d days", f.Tokenless, tokenlessDays))
	}
	if f.Server.RootDevice.GiB > 0 && !f.Server.RootDevice.Encrypted {
		d.find("unencrypted", id, f.Server.RootDevice.Name)
	}
	if f.Server.KeyName != "" && !f.KeyPair && !d.unknown("the key pair "+f.Server.KeyName) {
		d.find("key-pair", f.Server.KeyName, "the account has no key pair of that name")
	}
	if f.Server.More["DisableApiTermination"] == true {
		d.find("kept", id, "DisableApiTermination is set")
	}
	if f.Agent == nil && !d.unknown("the Systems Manager agent") {
		d.find("not-managed", id, "no agent of it has registered")
	}
}

// watched are the ports of which it is told when the world may come in: SSH, the app's own, behind which no proxy stands, and the
// database's.
func (d *deciding) watched() map[int]string {
	return map[int]string{ssh: "SSH", d.config.Port: "the app itself, without a proxy before it", d.config.DatabasePort: "the database"}
}

// open finds what of the server and of its databases is open to the world.
func (d *deciding) open() {
	f := d.facts
	look := func(id string) {
		group := f.Groups[id]
		for _, port := range []int{ssh, d.config.Port, d.config.DatabasePort} {
			if slices.ContainsFunc(group.Rules, func(r account.Rule) bool { return r.World() && r.Covers(port) }) {
				d.find("open", fmt.Sprint(port), fmt.Sprintf("%s: %s (%s) lets everybody in", d.watched()[port], group.Name, group.ID))
			}
		}
	}
	groups := slices.Clone(f.Server.GroupIDs)
	for _, database := range f.Databases {
		groups = append(groups, database.GroupIDs...)
	}
	slices.Sort(groups)
	for _, id := range slices.Compact(groups) {
		look(id)
	}
}

// steps are what each step ahead changes on the server: the design's promise, of which kora adopt check tells whether it was
// kept.
func steps() []Step {
	return []Step{
		{"import", "AWS adds its tags aws:cloudformation:*. Nothing else."},
		{"join", "An instance profile, two more security groups, the tags Name, DailySnapshot, App and ManagedBy; its own groups stay, " +
			"and its tags of other names. " +
			"Once Systems Manager knows it: the CloudWatch agent. From then on an alarm reboots it after a failed instance check, another " +
			"moves it to a sound host after a failed system check, and its disk is copied daily."},
		{"first revision", "Only when gitRef is set, later: swap where there is none, pm2's unit, a trial on another port, then a " +
			"reload of the app, which in fork mode is 1 to 3 seconds without it."},
	}
}

// questions are the keys that the account does not know.
func (d *deciding) questions() []Question {
	var open []Question
	for _, q := range []Question{
		{"alarmEmail", "who is told of alarms"},
		{"port", "where the app listens"},
		{"healthCheckPath", "the path that answers 200 while the app can serve"},
		{"appDirectory", "where the app is on the server"},
		{"appUser", "who runs it there"},
		{"gitRepository", "where the fleet gets the app from, with gitRef; or fleetImageId, an image of the server"},
	} {
		if said := d.context[q.Key]; said == nil || said == "" {
			open = append(open, q)
		}
	}
	return open
}

func until(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return " until " + t.UTC().Format(time.DateOnly)
}

// Plain is a value as it comes out of a JSON file.
func Plain(value any) any {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // it is made of strings, numbers, lists and maps of these
	}
	var plain any
	if err := json.Unmarshal(text, &plain); err != nil {
		panic(err)
	}
	return plain
}
