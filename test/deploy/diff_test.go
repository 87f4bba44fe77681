package deploy

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/command"
	"github.com/korakagazindia/provisioner/internal/diff"
	stack "github.com/korakagazindia/provisioner/internal/template"
)

// What kora diff announces is what the stack's events show, for each step of the life, there and back, for an address that
// leaves the stack, for a server that is replaced, and for a revision that rolls the fleet.
func TestEventsAreAsAnnounced(t *testing.T) {
	for name, way := range ways() {
		t.Run(name, func(t *testing.T) {
			a := newAccount(t)
			base := a.zoned()
			a.otherKey()
			before := `{"Resources": {}}`
			for i, changes := range way {
				after := template(t, base.and(changes))
				started := a.started()
				a.mustDeploy(after)
				a.announced(i+1, before, after, started)
				before = after
			}
		})
	}
}

// ways are several lives, each from nothing on.
func ways() map[string][]values {
	ways := map[string][]values{}
	var up []values
	for _, s := range life() {
		up = append(up, s.changes)
	}
	ways["life"] = up
	ways["the address leaves"] = []values{row(4, "single").changes, row(5, "single").changes, values{"keepElasticIp": false}.on(row(5, "single").changes)}
	ways["another key pair"] = []values{single.changes, values{"keyPairName": otherKey}.on(single.changes)}
	ways["a larger disk"] = []values{single.changes, values{"volumeSizeGib": 20}.on(single.changes)}
	ways["another revision"] = []values{revision("v1").on(row(3, "single").changes), revision("v2").on(row(3, "single").changes)}
	ways["another port"] = []values{single.changes, values{"port": 8080}.on(single.changes)}
	return ways
}

const otherKey = "another-key"

func (a *account) otherKey() {
	a.Helper()
	got[*ec2.CreateKeyPairOutput](a)(a.ec2.CreateKeyPair(a.Context(), &ec2.CreateKeyPairInput{KeyName: aws.String(otherKey)}))
}

// on is these values over others.
func (v values) on(others values) values { return others.and(v) }

// announced holds the events of the last operation against what diff says of its two templates, and whether the server, which
// was last started at that time, was started again.
func (a *account) announced(step int, before, after string, started start) {
	a.Helper()
	from, to := parsed(a.T, before), parsed(a.T, after)
	d := diff.Compare(from, to)
	events := a.events()
	if diff := cmp.Diff(happened(events), said(d)); diff != "" {
		a.Errorf("step %d (-events +announced):\n%s\n%s", step, diff, strings.Join(events, "\n"))
	}
	for _, fault := range outOfOrder(events, d, from, to) {
		a.Errorf("step %d: %s", step, fault)
	}
	pauses := slices.ContainsFunc(d.Changes, func(c *diff.Change) bool { return c.ID == "Server" && c.Action == diff.Interrupt })
	now := a.started()
	if again := started.id == now.id && started.at != now.at; again != pauses {
		a.Errorf("step %d: the server was started again: %t, announced: %t", step, again, pauses)
	}
}

// start is which server was started last, and when.
type start struct {
	id string
	at time.Time
}

// started looks at the stack's server; it is "" and zero without one.
func (a *account) started() start {
	a.Helper()
	id := a.physical("Server")
	if id == "" {
		return start{}
	}
	output := got[*ec2.DescribeInstancesOutput](a)(a.ec2.DescribeInstances(a.Context(), &ec2.DescribeInstancesInput{InstanceIds: []string{id}}))
	return start{id, aws.ToTime(output.Reservations[0].Instances[0].LaunchTime)}
}

func parsed(t *testing.T, text string) *stack.Template {
	t.Helper()
	read, err := stack.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// said is what diff announces, as logical ids: made, changed in place, replaced, removed, kept.
func said(d *diff.Diff) map[string][]string {
	all := map[string][]string{}
	for _, s := range d.Sequence {
		for _, item := range s.Items {
			word := map[diff.Action]string{diff.Create: "created", diff.Delete: "removed", diff.Retain: "kept"}[item.Action]
			if word == "" {
				word = "changed"
			}
			all[word] = append(all[word], item.ID)
		}
	}
	return sorted(all)
}

// happened is what the events show, in the same words.
func happened(events []string) map[string][]string {
	all := map[string][]string{}
	for _, e := range events {
		id, status, _ := strings.Cut(e, " ")
		word := map[string]string{"CREATE_COMPLETE": "created", "UPDATE_COMPLETE": "changed", "DELETE_COMPLETE": "removed", "DELETE_SKIPPED": "kept"}[status]
		if word != "" && !slices.Contains(all[word], id) {
			all[word] = append(all[word], id)
		}
	}
	return sorted(all)
}

func sorted(all map[string][]string) map[string][]string {
	for _, ids := range all {
		slices.Sort(ids)
	}
	return all
}

// outOfOrder lists what began before something that the announced sequence puts before it: what it needs, and for the
// clean-up everything that is made.
func outOfOrder(events []string, d *diff.Diff, from, to *stack.Template) []string {
	began, ended := map[string]int{}, map[string]int{}
	for i, e := range events {
		id, status, _ := strings.Cut(e, " ")
		phase := "make "
		if strings.HasPrefix(status, "DELETE") {
			phase = "clean "
		}
		if _, known := began[phase+id]; !known {
			began[phase+id] = i
		}
		if !strings.HasSuffix(status, "IN_PROGRESS") {
			ended[phase+id] = i
		}
	}
	var faults []string
	made := map[string]bool{}
	gone := map[string]bool{}
	for _, s := range d.Sequence {
		for _, item := range s.Items {
			if !s.CleanUp {
				for _, need := range to.DependsOn(to.Resource(item.ID)) {
					if made[need] && began["make "+item.ID] < ended["make "+need] {
						faults = append(faults, item.ID+" began before "+need+" stood")
					}
				}
				made[item.ID] = true
				continue
			}
			for id := range made {
				if began["clean "+item.ID] < ended["make "+id] {
					faults = append(faults, item.ID+" was cleaned up before "+id+" stood")
				}
			}
			for other := range gone {
				if needs(from, other, item.ID) && began["clean "+item.ID] < ended["clean "+other] {
					faults = append(faults, item.ID+" went before "+other+", which needs it")
				}
			}
			gone[item.ID] = true
		}
	}
	return faults
}

func needs(t *stack.Template, id, other string) bool {
	return slices.Contains(t.DependsOn(t.Resource(id)), other)
}

// The live stack's template, which the command line sent as YAML, is the stage's: kora diff deployed finds nothing.
func TestDeployedIsWhatWasDeployed(t *testing.T) {
	a := newAccount(t)
	changes := single.changes.and(values{"hostedZoneId": a.zone()})
	a.mustCDK(changes, "deploy", "--require-approval", "never", "--method", "direct")
	for key, value := range map[string]string{"AWS_ENDPOINT_URL": cloud.URL, "AWS_EC2_METADATA_DISABLED": "true", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"} {
		t.Setenv(key, value)
	}
	t.Chdir(root)
	for _, tc := range []struct {
		to   string
		code int
		want string
	}{
		{"single", 0, "deployed -> single: nothing changes\n"},
		{"vertical", 2, "deployed -> vertical: 1 interrupted; users are without service for 1 to 3 min; hazards: 2 warn, 3 note\n"},
	} {
		var out, said strings.Builder
		code := command.Run(t.Context(), []string{"diff", "deployed", tc.to, "-c", "hostedZoneName=korakagazindia.com", "-c", "hostedZoneId=" + a.zone(), "--exit-code", "--quiet"},
			strings.NewReader(""), &out, &said)
		if code != tc.code || out.String() != tc.want {
			t.Errorf("exit code %d, want %d: %s%s", code, tc.code, out.String(), said.String())
		}
	}
}
