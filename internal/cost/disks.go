package cost

import (
	"fmt"
	"slices"

	"github.com/korakagazindia/provisioner/internal/template"
)

// rootVolumes counts the volumes that a machine is launched with. Without a mapping the image decides: one root volume.
func (c *counter) rootVolumes(m machine) {
	mappings, known := template.Listed(m.data["BlockDeviceMappings"])
	if !known {
		c.unpriced(m.from, "its disks are known only when it is deployed")
		return
	}
	if len(mappings) == 0 {
		c.add(m.from, Disks, "ebs/gp3", "disk of the "+m.one+", by image", m.count.Times(c.usage.ImageGiB))
		return
	}
	if !slices.ContainsFunc(mappings, isRoot) {
		c.add(m.from, Disks, "ebs/gp3", "disk of the "+m.one+", by image", m.count.Times(c.usage.ImageGiB))
	}
	for _, mapping := range mappings {
		switch ebs := template.Get(mapping, "Ebs").(type) {
		case map[string]any:
			c.disk(m.from, ebs, "disk of the "+m.one, m.count)
		case *template.Unknown:
			c.unpriced(m.from, "a disk of it is known only when it is deployed")
		}
	}
}

// isRoot reports whether a mapping is of the root volume, or may be: by the names that Amazon Linux's and Ubuntu's images
// give it (EC2 User Guide, "Device names for volumes").
func isRoot(mapping any) bool {
	name, known := template.Get(mapping, "DeviceName").(string)
	return !known || name == "/dev/xvda" || name == "/dev/sda1"
}

// volume counts a volume of its own.
func (c *counter) volume(r *template.Resource) {
	properties := map[string]any{"VolumeSize": r.Get("Size")}
	c.disk(r, overlaid(r.Properties, properties), "disk", same(1))
}

// disk counts volumes by their properties. The default type is gp2 (AWS::EC2::Volume, "VolumeType").
func (c *counter) disk(r *template.Resource, properties map[string]any, item string, count Range) {
	kind, ok := c.text(first(properties["VolumeType"], "gp2"))
	size, sized := c.number(properties["VolumeSize"], c.usage.ImageGiB)
	if !ok || !sized {
		c.unpriced(r, "%s: its type and size are known only when it is deployed", item)
		return
	}
	c.add(r, Disks, "ebs/"+kind, fmt.Sprintf("%s, %s", item, kind), count.Times(size))
	// gp3 includes 3,000 IOPS and 125 MiB/s (Amazon EBS pricing).
	iops, _ := c.number(properties["Iops"], 0)
	throughput, _ := c.number(properties["Throughput"], 0)
	if kind == "gp3" && (iops > 3000 || throughput > 125) {
		c.unpriced(r, "%s: more than 3,000 IOPS or 125 MiB/s cost extra", item)
	}
}

// snapshots counts what a lifecycle policy keeps: the first snapshot of a volume holds all that is written, each further one
// what has changed (EBS User Guide, "How EBS snapshots work").
func (c *counter) snapshots(r *template.Resource) {
	volumes := c.tagged(template.List(r.Get("PolicyDetails", "TargetTags")))
	for _, schedule := range template.List(r.Get("PolicyDetails", "Schedules")) {
		hours, known := c.number(template.Get(schedule, "CreateRule", "Interval"), 24)
		kept, knownToo := c.number(template.Get(schedule, "RetainRule", "Count"), 0)
		if !known || !knownToo || kept == 0 || hours == 0 {
			c.unpriced(r, "how many snapshots it keeps is not told by a count")
			continue
		}
		if template.Get(schedule, "CrossRegionCopyRules") != nil {
			c.unpriced(r, "copies in another region have prices of their own")
		}
		gib := c.usage.DiskUsedGiB + (kept-1)*c.usage.DiskChangeGiB*hours/24
		c.add(r, Disks, "ebs/snapshot", fmt.Sprintf("%v snapshots of the disk", kept), volumes.Times(gib))
	}
	if volumes == (Range{}) {
		c.note("%s finds nothing in the template that carries its tags", r.ID)
	}
}

// tagged is how many machines carry one of the tags. One volume each.
func (c *counter) tagged(tags []any) Range {
	var sum Range
	for _, r := range c.template.OfType("AWS::EC2::Instance", "AWS::AutoScaling::AutoScalingGroup") {
		if !carries(r, tags) {
			continue
		}
		count := same(1)
		if r.Type == "AWS::AutoScaling::AutoScalingGroup" {
			count, _ = c.size(r)
		}
		sum = sum.Plus(count)
	}
	return sum
}

// carries reports whether the resource has one of the tags.
func carries(r *template.Resource, tags []any) bool {
	type tag struct{ key, value string }
	read := func(v any) tag {
		return tag{template.Text(template.Get(v, "Key")), template.Text(template.Get(v, "Value"))}
	}
	wanted := map[tag]bool{}
	for _, t := range tags {
		wanted[read(t)] = true
	}
	return slices.ContainsFunc(template.List(r.Get("Tags")), func(t any) bool { return wanted[read(t)] })
}
