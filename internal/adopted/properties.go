package adopted

import (
	"maps"
	"slices"
)

// Tag is one as CloudFormation has it.
type Tag struct{ Key, Value string }

// Mark is the key of an adopted server's Metadata in a template, whose value is the instance's id: by it a template tells that
// the server was there before the stack.
const Mark = "adopted"

// Properties are those of AWS::EC2::Instance that the record states: all that an import must say and no later template may
// change, but for what stands in keys of its own (type, zone, subnet, groups, key pair) and the tags.
func (s *Server) Properties() map[string]any {
	ebs := map[string]any{
		"DeleteOnTermination": s.RootDevice.DeleteOnTermination, "Encrypted": s.RootDevice.Encrypted,
		"VolumeSize": s.RootDevice.GiB, "VolumeType": s.RootDevice.Type,
	}
	for name, value := range map[string]int{"Iops": s.RootDevice.IOPS, "Throughput": s.RootDevice.Throughput} {
		if value > 0 {
			ebs[name] = value
		}
	}
	properties := map[string]any{
		"ImageId":             s.ImageID,
		"BlockDeviceMappings": []any{map[string]any{"DeviceName": s.RootDevice.Name, "Ebs": ebs}},
	}
	if len(s.Metadata) > 0 {
		properties["MetadataOptions"] = s.Metadata
	}
	maps.Copy(properties, s.More)
	return properties
}

// TagsWith are the record's tags and more, in the order of their keys; those of more win.
func (s *Server) TagsWith(more map[string]string) []Tag {
	all := map[string]string{}
	maps.Copy(all, s.Tags)
	maps.Copy(all, more)
	var tags []Tag
	for _, key := range slices.Sorted(maps.Keys(all)) {
		tags = append(tags, Tag{key, all[key]})
	}
	return tags
}
