package adopt

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/korakagazindia/provisioner/internal/config"
	"github.com/korakagazindia/provisioner/internal/stage"
)

// Verdict is how something stands to the portrait.
type Verdict string

// Same is as it was; Announced differs as a step said it would; Differs as none did; Unknown could not be read.
const (
	Same      Verdict = "same"
	Announced Verdict = "announced"
	Differs   Verdict = "differs"
	Unread    Verdict = "unknown"
)

// Line is one thing that is compared.
type Line struct {
	What    string
	Verdict Verdict
	Was, Is string
	Why     string // of what was announced, or is unknown
}

// Sound reports whether nothing differs but what was announced, and all of it is known.
func Sound(lines []Line) bool {
	return !slices.ContainsFunc(lines, func(l Line) bool { return l.Verdict == Differs || l.Verdict == Unread })
}

// Logical ids of what a join gives the server.
const (
	profileID = "RoleProfile"
	backendID = "BackendSecurityGroup"
	publicID  = "PublicSecurityGroup"
)

// joinedTags are the keys of the tags that a join writes: the server's own, and the stack's.
var joinedTags = []string{"App", "DailySnapshot", "ManagedBy", "Name"}

// comparison is a portrait beside the facts of now.
type comparison struct {
	was    *Portrait
	now    *Facts
	config *config.Config
	joined bool
	lines  []Line
}

// Compare compares a server with its portrait, one line for each thing. What the stack's join announced is taken from what the
// stack holds, what a stage announced from the configuration.
func Compare(was *Portrait, now *Facts, c *config.Config) []Line {
	k := &comparison{was: was, now: now, config: c, joined: now.Holds[profileID] != "" && now.Holds["Server"] == was.InstanceID}
	k.server()
	k.attached()
	k.settings()
	k.outside()
	for _, u := range now.Unknown {
		k.lines = append(k.lines, Line{What: u.What, Verdict: Unread, Why: u.Why})
	}
	return k.lines
}

// same compares two values as text.
func (k *comparison) same(what string, was, is any) {
	k.because(what, was, is, "")
}

// because does so, where a reason announces a difference; "" announces none.
func (k *comparison) because(what string, was, is any, why string) {
	line := Line{What: what, Was: spelled(was), Is: spelled(is), Verdict: Same}
	switch {
	case line.Was == line.Is:
	case why != "":
		line.Verdict, line.Why = Announced, why
	default:
		line.Verdict = Differs
	}
	k.lines = append(k.lines, line)
}

// server compares what makes it the same server, never stopped.
func (k *comparison) server() {
	was, is := k.was, k.now.Server
	k.same("server", was.InstanceID, is.InstanceID)
	k.same("state", "running", is.State)
	resized := ""
	if is.Type != was.Type && is.Type == k.typeOfStage() {
		resized = "the stage of cdk.json is " + string(k.config.Stage)
	}
	k.because("running since", was.Launched.UTC().Format(time.RFC3339), is.Launched.UTC().Format(time.RFC3339), resized)
	k.because("type", was.Type, is.Type, resized)
	k.same("image", was.ImageID, is.ImageID)
	k.same("key pair", was.KeyName, is.KeyName)
	k.same("subnet", was.SubnetID, is.SubnetID)
	k.same("private address", was.PrivateIP, is.PrivateIP)
	k.same("user data, by its SHA-256", was.UserDataHash, is.UserDataHash)
}

func (k *comparison) typeOfStage() string {
	if k.config.Stage == stage.Vertical || k.config.KeepServer == config.KeepVertical {
		return k.config.VerticalInstanceType
	}
	return k.config.SingleInstanceType
}

// attached compares what hangs on the server.
func (k *comparison) attached() {
	was, is := k.was, k.now.Server
	k.same("disks", volumes(was.Volumes), volumes(is.Volumes))
	old, now := was.RootDevice, is.RootDevice
	kept := ""
	if old.DeleteOnTermination && !now.DeleteOnTermination {
		kept = "kept when the server ends, as the import offers"
	}
	k.because("the disk's end", end(old.DeleteOnTermination), end(now.DeleteOnTermination), kept)
	old.DeleteOnTermination = now.DeleteOnTermination
	k.same("the disk's kind", old, now)
	k.same("address", was.Address.IP, k.now.Address.IP)
	k.same("association of the address", was.Address.AssociationID, k.now.Address.AssociationID)
	groups, why := was.GroupIDs, ""
	if k.joined {
		groups, why = append([]string{k.now.Holds[backendID], k.now.Holds[publicID]}, groups...), "two groups of the stack more, none fewer"
	}
	slices.Sort(groups)
	if present := slices.Sorted(slices.Values(is.GroupIDs)); slices.Equal(present, groups) {
		k.because("security groups", strings.Join(was.GroupIDs, ","), strings.Join(is.GroupIDs, ","), why)
	} else {
		k.same("security groups", strings.Join(groups, ","), strings.Join(present, ","))
	}
	profile := ""
	if own := k.now.Holds[profileID]; k.joined && strings.HasSuffix(is.ProfileARN, "/"+own) {
		profile = "the stack's, " + own
	}
	k.because("instance profile", was.ProfileARN, is.ProfileARN, profile)
}

func end(deleted bool) string {
	if deleted {
		return "deleted with the server"
	}
	return "stays"
}

func volumes(all []Volume) string {
	var said []string
	for _, v := range all {
		said = append(said, fmt.Sprintf("%s at %s since %s", v.ID, v.Device, v.Attached.UTC().Format(time.RFC3339)))
	}
	slices.Sort(said)
	return strings.Join(said, ", ")
}

// settings compares options and tags. Tags of AWS's are not in a portrait.
func (k *comparison) settings() {
	was, is := k.was, k.now.Server
	k.same("metadata options", was.Metadata, is.Metadata)
	more := maps.Clone(is.More)
	delete(more, "UserData")
	k.same("other settings", filledMap(was.More), filledMap(more))
	var changed, announced []string
	for _, key := range slices.Sorted(maps.Keys(union(was.Tags, is.Tags))) {
		if was.Tags[key] == is.Tags[key] {
			continue
		}
		says := fmt.Sprintf("%s: %q is %q", key, was.Tags[key], is.Tags[key])
		if k.joined && slices.Contains(joinedTags, key) {
			announced = append(announced, says)
		} else {
			changed = append(changed, says)
		}
	}
	switch {
	case len(changed) > 0:
		k.lines = append(k.lines, Line{What: "tags", Verdict: Differs, Was: spelled(was.Tags), Is: spelled(is.Tags), Why: strings.Join(changed, "; ")})
	case len(announced) > 0:
		k.lines = append(k.lines, Line{What: "tags", Verdict: Announced, Was: spelled(was.Tags), Is: spelled(is.Tags), Why: strings.Join(announced, "; ")})
	default:
		k.same("tags", was.Tags, is.Tags)
	}
}

// filledMap is an empty map for none: JSON leaves an empty one out.
func filledMap(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

func union(a, b map[string]string) map[string]string {
	both := maps.Clone(a)
	if both == nil {
		both = map[string]string{}
	}
	maps.Copy(both, b)
	return both
}

// outside compares what users come by.
func (k *comparison) outside() {
	if k.was.Record == nil && k.now.Record == nil {
		return
	}
	turned := ""
	if k.config.Stage == stage.Horizontal && k.config.DNSTarget == config.DNSBalancer && k.now.Record != nil && k.now.Record.Alias {
		turned = "the stage of cdk.json leads users to the balancer"
	}
	k.because("record", recordLine(k.was.Record), recordLine(k.now.Record), turned)
}

func recordLine(r *Record) string {
	if r == nil {
		return "none"
	}
	if r.Alias {
		return r.Name + " " + r.Type + " alias"
	}
	return fmt.Sprintf("%s %s %d s to %s", r.Name, r.Type, r.TTL, strings.Join(r.Values, ", "))
}

// CompareSite compares what users found under the name with what they find, where somebody answered before.
func CompareSite(was, is Site) []Line {
	k := &comparison{}
	if len(was.Addresses) > 0 {
		k.same("the name's addresses, asked from here", strings.Join(slices.Sorted(slices.Values(was.Addresses)), ","),
			strings.Join(slices.Sorted(slices.Values(is.Addresses)), ","))
	}
	if was.Status > 0 {
		k.same("the health check's answer, asked from here", was.Status, is.Status)
	}
	return k.lines
}
