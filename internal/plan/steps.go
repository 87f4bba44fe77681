package plan

import (
	"fmt"
	"slices"

	"github.com/korakagazindia/provisioner/internal/cdk"
	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/moves"
	"github.com/korakagazindia/provisioner/internal/price"
)

// Kind is a row of the table of steps, in the order in which they are given.
type Kind struct {
	Code string
	// Does is what the step is for.
	Does string
	// When says which parts have it.
	When string

	in   func(*making) bool
	make func(*making, *Step)
}

// Kinds are all steps, in their order within a part.
func Kinds() []Kind { return kinds }

var kinds = []Kind{
	{"keys", "put into cdk.json what this plan was asked with", "the first part, where -c was given",
		func(m *making) bool { return m.first && len(m.Asked) > 0 },
		func(m *making, s *Step) { s.Edit = m.Asked }},
	{"adopt", "take the server that runs into the stack, untouched", "from a server made by hand", is(adopts), (*making).adopt},
	{"facts", "fill in what cdk.json must know of the account, and the app's settings", "a first deploy", is(begins), (*making).facts},
	{"snapshot", "take a snapshot of the server", "before a server is resized, and before it goes",
		func(m *making) bool { return m.manner == resizes || m.manner == climbs && m.To == Row(last) }, (*making).snapshot},
	{"image", "make an image of the server, for the fleet", "row 1",
		row(climbs, 1), (*making).image},
	{"settings", "see that all nodes share SESSION_SECRET and the database", "row 1", row(climbs, 1), (*making).settings},
	{"uploads", "see that uploads go to the bucket, and none to a disk", "row 1", row(climbs, 1), (*making).uploads},
	{"sessions", "keep sessions where server and fleet both find them", "row 3", row(climbs, 3), (*making).sessions},
	{"certificate", "see that the server's own certificate still holds", "row 1 on the way back", row(descends, 1), (*making).certificate},
	{"hand-record", "lead the record back to the server, by hand", "row 1 on the way back, where the stack has no record",
		func(m *making) bool { return row(descends, 1)(m) && !m.owned() }, (*making).recordToServer},
	{"check", "look for all that would make the deploy fail or hurt", "every deploy but the one that protects",
		func(m *making) bool { return m.Templated() }, (*making).check},
	{"diff", "look at what the deploy will do", "every deploy but the one that protects",
		func(m *making) bool { return m.Templated() }, (*making).look},
	{"edit", "edit cdk.json, and commit it", "every deploy, unless cdk.json says it already",
		func(m *making) bool { return len(m.Edit) > 0 },
		func(m *making, s *Step) { s.Edit = m.Edit }},
	{"deploy", "bring the stack there", "every part but the adoption",
		func(m *making) bool { return m.manner != adopts }, (*making).deploy},
	{"record", "lead the record to the balancer, by hand", "row 2, where the stack has no record",
		func(m *making) bool { return row(climbs, 2)(m) && !m.owned() }, (*making).recordToBalancer},
	{"verify", "ask, the way users do, whether all is kept", "every deploy but the one that protects",
		func(m *making) bool { return m.Templated() }, (*making).verify},
	{"observe", "watch it, before you go on", "every part", func(*making) bool { return true }, (*making).observe},
}

func is(manners ...manner) func(*making) bool {
	return func(m *making) bool { return slices.Contains(manners, m.manner) }
}

func row(way manner, number int) func(*making) bool {
	return func(m *making) bool { return m.manner == way && m.To == Row(number) }
}

// owned reports whether the stack has the record.
func (m *making) owned() bool { return m.Config.HostedZoneName != "" || m.Config.HostedZoneID != "" }

func (m *making) adopt(s *Step) {
	s.Commands = []Command{run("kora adopt"), run("kora adopt --write"), run("kora adopt guard"), run("kora adopt import"), run("kora adopt check")}
	s.Look = []string{
		"kora adopt: no finding says stop; settle each first",
		"kora adopt guard prints two commands: give its first before the import, its second after the join",
		"kora adopt check: nothing differs but what was announced",
		"who wants a new server beside the old one in place of this: docs/way-in.md",
	}
	s.Takes = "days, if you like: docs/adopt.md has each step with its way back"
}

func (m *making) facts(s *Step) {
	s.Look = []string{
		"docs/first-deploy.md lists each key, where to find it, and what comes without it",
		"imageId, or gitRepository and gitRef: without them the server starts empty",
		fmt.Sprintf("the app's settings are parameters below /%s/env/", m.Config.Name),
	}
}

func (m *making) snapshot(s *Step) {
	s.Commands = []Command{run("kora bake --snapshot-only")}
	s.Look = []string{"the snapshot is completed: from it a disk can be made again"}
	s.Takes, s.Costs = "some minutes, by the size of the disk", m.stored()
}

func (m *making) image(s *Step) {
	s.Commands = []Command{run("kora bake --write")}
	s.Look = []string{"the image is available, and cdk.json has its id as fleetImageId: what the server has on its disk now, each node starts with",
		"with --try the app is asked on a copy first: docs/bake.md says what that takes"}
	s.Takes, s.Costs = "some minutes, by the size of the disk", m.stored()
}

// stored is what a copy of the server's disk costs at most: what is not written is not billed.
func (m *making) stored() string {
	gib := m.Config.VolumeSizeGib
	if gib == 0 {
		gib = usualGib
	}
	p, _ := price.Embedded().Price("ebs/snapshot")
	return fmt.Sprintf("$%.2f a month at most, until you delete it: %d GiB", p.USD*float64(gib), gib)
}

// usualGib is the size of the root disk of Ubuntu's images, which a server has where no key says another.
const usualGib = 8

func (m *making) settings(s *Step) {
	s.Look = []string{
		fmt.Sprintf("the parameter /%s/env/SESSION_SECRET is there, a SecureString: kora check says where it is not (parameters)", m.Config.Name),
		"the nodes use the same database as the server: its group lets BackendSecurityGroup in",
	}
}

func (m *making) uploads(s *Step) {
	s.Look = []string{"what users have uploaded to the server's disk is copied to the bucket, and the app writes new files there: before row 3"}
	switch m.Config.Uploads {
	case config.UploadsNone:
		s.Look = append(s.Look, "uploads is none: the app has to keep its files elsewhere by itself, as nodes come and go")
	case config.UploadsCreate:
		s.Look = append(s.Look, "the stack has made the bucket; the app finds its name in UPLOADS_BUCKET")
	default:
		s.Look = append(s.Look, "the bucket is "+m.Config.Uploads+"; the app finds its name in UPLOADS_BUCKET")
	}
}

func (m *making) sessions(s *Step) {
	switch m.Config.Sessions {
	case config.SessionsRedis:
		s.Look = []string{"the server's app has REDIS_HOST, REDIS_PORT 6379 and REDIS_TLS of the stack's cache (ElastiCache, PrimaryEndpoint): until then a " +
			"session ends when its user reaches the fleet"}
	case config.SessionsSticky:
		s.Look = []string{fmt.Sprintf("sessions is sticky: a client stays with its node, and each change of weights reaches it only after %d s",
			m.Config.TrafficStickinessSeconds)}
	default:
		s.Look = []string{"sessions is none: the app keeps no session on a machine, or users are logged out"}
	}
}

func (m *making) certificate(s *Step) {
	s.Look = []string{"behind the balancer the server's certificate was not renewed: curl -v https://<the server's address> shows until when it holds"}
}

func (m *making) recordToServer(s *Step) {
	s.Look = []string{"the record of " + m.Config.DomainName + " leads to the server's address again, by the commands of docs/way-in.md (The record): before the deploy"}
}

func (m *making) recordToBalancer(s *Step) {
	s.Look = []string{"the record of " + m.Config.DomainName + " leads to the balancer, by the commands of docs/way-in.md (The record)"}
}

func (m *making) check(s *Step) {
	s.Commands = []Command{run("kora check %s%s", m.stage, m.flags())}
	s.Look = []string{"nothing fails; of each warning and each unknown you know why it is none for you",
		"with --change-set CloudFormation looks at it too, by a change set that is deleted again"}
}

func (m *making) look(s *Step) {
	s.Commands = []Command{run("kora diff deployed %s%s --exit-code", m.stage, m.flags()).ends(2)}
	s.Look = []string{"no hazard says stop"}
	switch {
	case m.manner == joins:
		s.Look = append(s.Look, "the server gets a profile, two groups and tags, and is not replaced; gitRef is not set yet (docs/adopt.md)")
	case m.diff.Empty():
		s.Commands[0] = s.Commands[0].ends(0)
		fallthrough
	default:
		s.Look = append([]string{m.diff.Headline() + "; " + m.diff.Downtime.String()}, s.Look...)
	}
}

func (m *making) deploy(s *Step) {
	deploy := run("%s", cdk.Command("deploy"))
	if m.served() && m.Config.DomainName != "" {
		watch := run("kora verify --watch %dm", watchMinutes(m.Leg))
		watch.Beside = true
		if m.diff.Downtime.MaxSeconds > 0 {
			watch.Exit = []int{0, 3}
		}
		s.Commands = append(s.Commands, watch)
	}
	s.Commands = append(s.Commands, deploy)
	s.Does = m.made()
	s.Takes = takes(m.Leg).words()
	if d := m.diff.Downtime; d.MaxSeconds > 0 {
		s.Pause = &Span{d.MinSeconds, d.MaxSeconds}
		s.Look = []string{"choose a quiet hour: " + d.String()}
	} else if len(s.Commands) > 1 {
		s.Look = []string{"kora verify --watch, begun before it: no request is lost"}
	}
	if is(begins, joins)(m) && m.Config.AlarmEmail != "" {
		s.Look = append(s.Look, "confirm the e-mail that AWS sends to "+m.Config.AlarmEmail+": until then no alarm is heard")
	}
	s.Look = append(s.Look, "where it fails it rolls back by itself, and kora status says why and what is next")
}

// served reports whether users are on the stack when the deploy begins.
func (m *making) served() bool { return m.manner != begins && m.manner != protects }

func (m *making) verify(s *Step) {
	s.Commands = []Command{run("kora verify"), run("kora status")}
	s.Look = []string{"no promise is broken; the alarms that the deploy made are OK or have no data yet"}
	if m.Config.AlarmEmail == "" {
		s.Commands[0] = s.Commands[0].ends(0, 3)
		s.Look = append(s.Look, "alarms-act is broken while nobody hears of alarms: alarmEmail says who does")
	}
	if row(climbs, 2)(m) || row(descends, 1)(m) {
		s.Look = append(s.Look, fmt.Sprintf("name-resolves may be broken for %d s, two TTLs, in which resolvers remember where the record led: ask again then", 2*m.ttl()))
	}
	if m.Config.DomainName == "" {
		s.Commands = s.Commands[1:]
		s.Look = append(s.Look, "without domainName kora verify takes --against and the host of the output Url")
	}
	if m.manner == joins {
		s.Commands = append(s.Commands, run("kora adopt check --wait"))
	}
}

func (m *making) observe(s *Step) {
	s.Look = m.before()
	if m.manner == climbs {
		if r := m.tableRow(); r.Look != "" {
			s.Look = append([]string{r.Look}, s.Look...)
		}
	}
}

// tableRow is the leg's row.
func (m *making) tableRow() moves.Row { return moves.Rows(m.Keep)[m.To.row()-1] }

// users are what they reach when the leg is gone.
func (m *making) users() string {
	switch m.manner {
	case climbs, descends:
		return m.tableRow().Users
	case shrinks:
		return "the server, by its address"
	}
	return ""
}

// before is what to look at before the next part.
func (m *making) before() []string {
	ttls := fmt.Sprintf("wait %d s: two TTLs", 2*m.ttl())
	switch {
	case m.manner == adopts:
		return []string{"a good place to stop for weeks; kora adopt check tells at any time what differs"}
	case m.manner == begins:
		return []string{"the app does at the output Url what users need"}
	case m.manner == joins:
		return []string{"take the guard off: the second command of kora adopt guard"}
	case m.manner == protects:
		return []string{"kora status shows the stack complete"}
	case m.manner == resizes:
		return []string{"a day of it: CPU, memory and response times (kora status, the dashboard); credits begin anew with the launch credits"}
	case m.To == Row(2) && m.manner == climbs:
		return []string{ttls, "the record leads to the balancer for everybody then"}
	case m.To == Row(last):
		return m.afterFleet()
	case m.To == Row(4) && m.manner == descends:
		return []string{"the new server has what the old one had on its disk: copy it there before users come", "two healthy targets or more of the fleet, one of the server"}
	case m.To == Row(2):
		return []string{fmt.Sprintf("wait %d s, for which a client may stay with its side", m.Config.TrafficStickinessSeconds), "the server's CPU and memory hold all users"}
	case m.To == Row(1) && m.manner == descends:
		return []string{ttls, "nobody asks the balancer any more (RequestCount)"}
	case m.manner == shrinks:
		return []string{"kora status ends with what is left over, with the command that ends each"}
	case m.To == Row(1):
		return []string{"the app on the nodes reaches the database, the cache and the bucket: their logs in the stack's log group"}
	case m.To == Row(3):
		return []string{"a busy hour of it: the canary's errors beside the server's"}
	}
	return []string{}
}

// adopted reports whether the server was there before the stack: it outlives the stack.
func (m *making) adopted() bool {
	return m.Config.AdoptedServer != nil || m.Start.Place == HandMade || m.Start.Place == Imported
}

func (m *making) afterFleet() []string {
	stays := "the server's disk stays"
	if m.adopted() {
		stays = "the adopted server runs on, in no stack"
	}
	all := []string{stays + ", billed, until the command of kora status ends it: first see that nothing on it is missed"}
	if m.Config.KeepElasticIP {
		all = append(all, "the address stays, billed: once no client uses it, \"keepElasticIp\": false in cdk.json, a deploy, and aws ec2 release-address")
	}
	return all
}

// ttl is for how long the record is remembered.
func (m *making) ttl() int {
	if !m.owned() {
		return max(m.Config.DNSTTLSeconds, highestTTL)
	}
	return highestTTL
}
