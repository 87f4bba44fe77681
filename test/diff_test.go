package test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/diff"
	facts "github.com/korakagazindia/provisioner/internal/schema"
	"github.com/korakagazindia/provisioner/internal/tool/tooltest"
)

// move is a pair of templates that are compared.
type move struct {
	name     string
	from, to *template
	edit     bool // of cdk.json, other than a move between stages and rows
}

// diffMoves are every ordered pair of stages and every pair of neighbouring rows of the table of moves, there and back, in
// each configuration of the matrix; and edits of cdk.json that replace resources, which no move does.
func diffMoves(t *testing.T) []move {
	var all []move
	add := func(name string, from, to context) {
		all = append(all, move{name: name, from: must(t, from), to: must(t, to)}, move{name: name + ", back", from: must(t, to), to: must(t, from)})
	}
	for name, c := range matrix() {
		stages := []state{{"single", context{"stage": "single"}}, {"vertical", context{"stage": "vertical"}}, {"horizontal", rows("single")[3].changes}}
		for i, from := range stages {
			for _, to := range stages[i+1:] {
				add(name+": "+from.name+", "+to.name, c.and(from.context), c.and(to.context))
			}
		}
		for _, keep := range []config.KeepServer{config.KeepSingle, config.KeepVertical} {
			before := context{"stage": string(keep)}
			for _, r := range rows(keep) {
				add(name+": "+string(keep)+", "+r.name, c.and(before), c.and(r.changes))
				before = r.changes
			}
		}
		last := rows("single")[4].changes
		add(name+": keepElasticIp", c.and(last), c.and(last).and(context{"keepElasticIp": false}))
	}
	moves := len(all)
	for name, edit := range replacements {
		for _, s := range []string{"single", "horizontal"} {
			add(name+" in "+s, kora.and(context{"stage": s}), kora.and(context{"stage": s}).and(edit))
		}
	}
	for i := moves; i < len(all); i++ {
		all[i].edit = true
	}
	return all
}

// replacements are edits of cdk.json that replace something.
var replacements = map[string]context{
	"image":       {"imageId": "ami-0a1b2c3d4e5f60718"},
	"key pair":    {"keyPairName": "other"},
	"disk":        {"volumeSizeGib": 20.0},
	"port":        {"port": 8080.0},
	"domain":      {"domainName": "x.korakagazindia.com"},
	"network":     {"vpcId": "vpc-0a1b2c3d4e5f60718", "publicSubnetIds": []any{"subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"}, "availabilityZones": []any{"ap-south-1a", "ap-south-1b"}},
	"address":     {"elasticIpAllocationId": "eipalloc-0a1b2c3d4e5f60718", "elasticIpAddress": "203.0.113.20", "imageId": "ami-0a1b2c3d4e5f60718"},
	"alarms":      {"highCpuAlarmName": "another"},
	"revision":    {"gitRepository": "https://example.com/kora.git", "gitRef": "v1.0.1"},
	"architectur": {"architecture": "arm64", "singleInstanceType": "t4g.micro", "verticalInstanceType": "t4g.small", "fleetInstanceType": "t4g.micro"},
}

// What the CDK's engine and kora may disagree in.
const (
	onlyKora = "only kora changes it"
	onlyCDK  = "only the CDK changes it"
	follows  = "only kora changes it, since it follows another resource"
)

// diffExceptions are the disagreements that stand, by rule and type.
var diffExceptions = []exception{
	{follows, "", "nothing of its own text differs: it refers to what is replaced, or by GetAtt to what gets another value. " +
		"The CDK's engine shows such a resource only when it is replaced in turn, follows no attribute, and does not look into Fn::Join and Fn::Sub (diffTemplate, propagateReplacedReferences)"},
	{"cdk may be replaced, kora in place", "AWS::EC2::Instance", "EBS-backed: AWS's page says some interruptions (internal/schema/exceptions.go)"},
	{"cdk may be replaced, kora replaced", "AWS::EC2::Instance", "of a running server's disks only DeleteOnTermination changes in place (AWS::EC2::Instance Ebs, Template Reference)"},
}

// kora and the CDK's own engine change the same resources, with the same verdict on replacement.
func TestDiffAgreesWithTheCDK(t *testing.T) {
	moves := diffMoves(t)
	var findings []finding
	for i, theirs := range cdkDiffs(t, moves) {
		ours := verdicts(moves[i])
		for id, of := range union(ours, theirs) {
			a, b := ours[id], theirs[id]
			rule := "cdk " + b.verdict + ", kora " + a.verdict
			switch {
			case a.verdict == b.verdict:
				continue
			case a.verdict == "":
				rule = onlyCDK
			case b.verdict == "" && a.follows && moves[i].edit: // between stages and rows there is none
				rule = follows
			case b.verdict == "":
				rule = onlyKora
			}
			findings = append(findings, finding{rule, of.resourceType, moves[i].name + ": " + id})
		}
	}
	judge(t, findings, diffExceptions)
	t.Logf("%d moves", len(moves))
}

// verdict is what happens to a resource, in words that both engines can be brought to.
type verdict struct {
	resourceType, verdict string
	follows               bool // nothing of its own text differs
}

func union(a, b map[string]verdict) map[string]verdict { return merged(a, b) }

// verdicts is what kora says.
func verdicts(m move) map[string]verdict {
	all := map[string]verdict{}
	for _, c := range diff.Compare(m.from.read, m.to.read).Changes {
		word := map[diff.Action]string{diff.Create: "created", diff.Delete: "destroyed", diff.Retain: "orphaned"}[c.Action]
		if word == "" {
			word = replacement(c)
		}
		all[c.ID] = verdict{c.Type, word, following(c)}
	}
	return all
}

func following(c *diff.Change) bool {
	return len(c.Properties) > 0 && !slices.ContainsFunc(c.Properties, func(p diff.Property) bool { return p.Follows == "" })
}

func replacement(c *diff.Change) string {
	word := "in place"
	for _, p := range c.Properties {
		switch p.Effect {
		case facts.Replace:
			return "replaced"
		case facts.MayReplace:
			word = "may be replaced"
		}
	}
	return word
}

// cdkDiffs is what the command line says of each move.
func cdkDiffs(t *testing.T, moves []move) []map[string]verdict {
	t.Helper()
	program, err := filepath.EvalSymlinks(tooltest.CDK(t))
	if err != nil {
		t.Fatal(err)
	}
	type job struct {
		App      string `json:"app"`
		Template string `json:"template"`
	}
	var jobs []job
	for _, m := range moves {
		jobs = append(jobs, job{m.to.directory, one(t, filepath.Join(m.from.directory, "*.template.json"))})
	}
	asked, err := json.Marshal(jobs)
	if err != nil {
		t.Fatal(err)
	}
	run := exec.Command("node", filepath.Join("testdata", "cdkdiff.cjs"), filepath.Join(filepath.Dir(program), "..", "lib", "index.js"))
	run.Env = append(os.Environ(), "CDK_HOME="+t.TempDir(), "CDK_DISABLE_CLI_TELEMETRY=true", "AWS_EC2_METADATA_DISABLED=true")
	run.Stdin = strings.NewReader(string(asked))
	var said strings.Builder
	run.Stderr = &said
	out, err := run.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	var written []struct {
		Code int
		Text string
	}
	if err := json.Unmarshal(out, &written); err != nil || len(written) != len(moves) {
		t.Fatalf("%d answers to %d: %v", len(written), len(moves), err)
	}
	var all []map[string]verdict
	for i, w := range written {
		if w.Code != 0 {
			t.Fatalf("%s: exit code %d: %s", moves[i].name, w.Code, w.Text)
		}
		all = append(all, readCDKDiff(w.Text))
	}
	return all
}

// cdkLine is a line such as "[~] AWS::EC2::Instance Server Server may be replaced": mark, type, path, id, verdict.
var cdkLine = regexp.MustCompile(`(?m)^\[([-+~])\] (AWS::\S+) (\S+)(?: (\S+))??(?: (replace|may be replaced|destroy|orphan))?$`)

func readCDKDiff(text string) map[string]verdict {
	all := map[string]verdict{}
	for _, part := range cdkLine.FindAllStringSubmatch(text, -1) {
		id := part[4]
		if id == "" {
			id = part[3]
		}
		word := map[string]string{"replace": "replaced", "may be replaced": "may be replaced", "destroy": "destroyed", "orphan": "orphaned"}[part[5]]
		switch {
		case word == "" && part[1] == "+":
			word = "created"
		case word == "":
			word = "in place"
		}
		all[id] = verdict{resourceType: part[2], verdict: word}
	}
	return all
}

// one is the one file that a pattern finds.
func one(t *testing.T, pattern string) string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) != 1 {
		t.Fatalf("%s: %v, %v", pattern, files, err)
	}
	return files[0]
}
