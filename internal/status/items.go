package status

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/account"
)

// Item is something besides machines that is billed, or that is left over.
type Item struct {
	// Kind is address, disk, snapshots, bucket, log group, balancer, cache, zone, server, record or guard; the last three are here
	// only where they are left over.
	Kind string `json:"kind"`
	// Name is AWS's id of it.
	Name string `json:"name"`
	// What is what it is to the product.
	What string `json:"what"`
	// InStack says that the stack has it.
	InStack bool `json:"inStack"`
	// End is the command that removes what is left over, "" for what somebody has.
	End string `json:"end,omitempty"`
}

// LeftOver reports whether nothing has it any more.
func (i Item) LeftOver() bool { return i.End != "" }

// The logical ids, which are a contract, of what is billed.
const (
	addressID   = "Address"
	bucketID    = "UploadsBucket"
	cacheID     = "Cache"
	logGroupID  = "LogGroup"
	snapshotsID = "ServerSnapshots"
)

func (r *reading) item(i Item) { r.status.Items = append(r.status.Items, i) }

// ours reports whether what has that stack's tag may be this backend's: nobody's counts, since what the owners made by hand
// has no tag.
func (r *reading) ours(stack string) bool { return stack == "" || stack == r.backend.Stack }

func (r *reading) addresses(context.Context) error {
	if err := cmp.Or(r.elastic.err, r.held.err); err != nil {
		return err
	}
	for _, a := range r.elastic.value {
		if !r.ours(a.Stack) {
			continue
		}
		i := Item{Kind: "address", Name: a.AllocationID, What: a.IP + ", held by nobody", InStack: r.has(a.AllocationID) || r.has(a.IP)}
		switch {
		case a.InstanceID != "":
			i.What = a.IP + ", held by " + a.InstanceID
		case a.AssociationID != "":
			i.What = a.IP + ", held by something else"
		case a.AllocationID == r.backend.AllocationID || a.IP == r.backend.Address:
			i.What += ", though cdk.json names it" // as in the middle of a hand-over
		case !i.InStack:
			i.End = "aws ec2 release-address --allocation-id " + a.AllocationID
		}
		r.item(i)
	}
	return nil
}

// disks has those of nodes in one line: they come and go with them.
func (r *reading) disks(ctx context.Context) error {
	if err := cmp.Or(r.held.err, r.all.err); err != nil {
		return err
	}
	disks, err := r.account.Volumes(ctx, nil)
	nodes, gib := 0, 0
	for _, d := range disks {
		m := r.machine(d.Machine)
		switch {
		case m != nil && m.Fleet != "":
			nodes, gib = nodes+1, gib+d.GiB
		case d.Machine == "" && r.ours(d.Stack):
			r.item(Item{"disk", d.ID, fmt.Sprintf("%d GiB, of no server", d.GiB), false, "aws ec2 delete-volume --volume-id " + d.ID})
		case m != nil && r.ours(m.Stack):
			r.item(Item{"disk", d.ID, fmt.Sprintf("%d GiB, of %s", d.GiB, d.Machine), r.has(d.Machine), ""})
		}
	}
	if nodes > 0 {
		r.item(Item{"disk", fmt.Sprintf("%d disks", nodes), fmt.Sprintf("%d GiB, of nodes", gib), true, ""})
	}
	return err
}

func (r *reading) machine(id string) *account.Machine {
	at := slices.IndexFunc(r.all.value, func(m account.Machine) bool { return m.ID == id })
	if at < 0 {
		return nil
	}
	return &r.all.value[at]
}

// snapshots has a line for each policy and disk: those of a policy that is gone are nobody's, those without one are a person's, or
// of an image.
func (r *reading) snapshots(ctx context.Context) error {
	if r.held.err != nil {
		return r.held.err
	}
	snapshots, err := r.account.Snapshots(ctx, nil)
	type origin struct{ policy, disk string }
	of := map[origin][]string{}
	for _, s := range snapshots {
		from := origin{s.Policy, s.Disk}
		of[from] = append(of[from], s.ID)
	}
	for _, from := range slices.SortedFunc(maps.Keys(of), func(a, b origin) int { return strings.Compare(a.policy+a.disk, b.policy+b.disk) }) {
		ids := of[from]
		i := Item{Kind: "snapshots", Name: count(len(ids), "snapshot"), What: "of disk " + from.disk + ", made by hand or of an image"}
		if from.policy != "" {
			i.What, i.InStack = "of disk "+from.disk+", daily", r.held.value[snapshotsID] == from.policy
		}
		if from.policy != "" && !i.InStack {
			i.End = fmt.Sprintf("for id in %s; do aws ec2 delete-snapshot --snapshot-id $id; done", strings.Join(ids, " "))
		}
		r.item(i)
	}
	return err
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// buckets keep data, as log groups do. CloudFormation names what it makes after stack and logical id, a bucket in lower case
// ("Name type", CloudFormation Template Reference): so those that the stack no longer has are known too.
func (r *reading) buckets(ctx context.Context) error {
	if r.held.err != nil {
		return r.held.err
	}
	buckets, err := r.account.Buckets(ctx, strings.ToLower(r.backend.Stack+"-"+bucketID+"-"))
	for _, name := range buckets {
		r.item(r.store("bucket", name, "uploads", bucketID, emptied(name)))
	}
	return err
}

func (r *reading) logs(ctx context.Context) error {
	if r.held.err != nil {
		return r.held.err
	}
	groups, err := r.logGroups(ctx)
	for _, name := range groups {
		r.item(r.store("log group", name, "logs", logGroupID, "aws logs delete-log-group --log-group-name "+name))
	}
	if cache := r.held.value[cacheID]; cache != "" {
		r.item(Item{"cache", cache, "sessions", true, ""})
	}
	return err
}

func (r *reading) store(kind, name, what, id, end string) Item {
	i := Item{Kind: kind, Name: name, What: what, InStack: r.held.value[id] == name}
	if !i.InStack {
		i.End = end
	}
	return i
}

// terminated ends a server and waits until it is gone: so long it holds its network, and its disk.
func terminated(id string) string {
	return fmt.Sprintf("aws ec2 terminate-instances --instance-ids %[1]s && aws ec2 wait instance-terminated --instance-ids %[1]s", id)
}

// emptied removes a bucket with all versions of what is in it, which aws s3 rb --force leaves, and then refuses.
func emptied(bucket string) string {
	return fmt.Sprintf("aws s3api list-object-versions --bucket %[1]s --query '[Versions, DeleteMarkers][].[VersionId, Key]' --output text |"+
		" while read -r version key; do aws s3api delete-object --bucket %[1]s --key \"$key\" --version-id \"$version\"; done;"+
		" aws s3 rb s3://%[1]s", bucket)
}

func (r *reading) logGroups(ctx context.Context) ([]string, error) {
	return r.account.LogGroups(ctx, r.backend.Stack+"-"+logGroupID+"-")
}

// lastWords looks in the newest log group that has any, while the stack is not well.
func (r *reading) lastWords(ctx context.Context) error {
	if r.stack.err != nil {
		return r.stack.err
	}
	if r.status.Stack != nil && r.status.Stack.Meaning == "" {
		return nil
	}
	groups, err := r.logGroups(ctx)
	for _, group := range groups {
		streams, err := r.account.LogStreams(ctx, group)
		if err != nil {
			return err
		}
		for _, stream := range streams {
			if strings.HasSuffix(stream, "/failure") {
				r.status.LastWords = "aws logs get-log-events --log-group-name " + group + " --log-stream-name " + stream +
					" --query 'events[].message' --output text"
				return nil
			}
		}
	}
	return err
}
