package adopted

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/korakagazindia/provisioner/internal/nearest"
)

// Parse reads the key's value: JSON, or the text that -c makes of it. What is wrong with it is an error of one line that names
// each field at fault.
func Parse(value any) (*Server, error) {
	text, isText := value.(string)
	if !isText {
		written, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		text = string(written)
	}
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.DisallowUnknownFields()
	s := &Server{}
	if err := decoder.Decode(s); err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	if faults := s.faults(); len(faults) > 0 {
		return nil, errors.New(strings.Join(faults, "; "))
	}
	return s, nil
}

var (
	instanceID    = regexp.MustCompile(`^i-([0-9a-f]{8}|[0-9a-f]{17})$`)
	associationID = regexp.MustCompile(`^(eipassoc-([0-9a-f]{8}|[0-9a-f]{17}))?$`)
	imageID       = regexp.MustCompile(`^ami-([0-9a-f]{8}|[0-9a-f]{17})$`)
	device        = regexp.MustCompile(`^/dev/[a-z0-9]+$`)
	volumeType    = regexp.MustCompile(`^(standard|gp2|gp3|io1|io2|st1|sc1)$`)
	// replaced is what would not arrive as it was written: CloudFormation puts values in the place of the first, the CDK in that of
	// the second.
	replaced = regexp.MustCompile(`\{\{resolve:|#\{Token\[`)
)

// options are what MetadataOptions take (AWS::EC2::Instance, MetadataOptions; EC2 API, InstanceMetadataOptionsRequest).
var options = map[string]*regexp.Regexp{
	"HttpTokens": regexp.MustCompile(`^(optional|required)$`), "HttpEndpoint": regexp.MustCompile(`^(enabled|disabled)$`),
	"HttpPutResponseHopLimit": regexp.MustCompile(`^([1-9]|[1-5][0-9]|6[0-4])$`),
	"HttpProtocolIpv6":        regexp.MustCompile(`^(enabled|disabled)$`), "InstanceMetadataTags": regexp.MustCompile(`^(enabled|disabled)$`),
}

// own is how many tags the project gives a server besides, of the 50 that AWS allows: Name, DailySnapshot, App and ManagedBy.
const own = 4

// dataLimit is how long user data may be, before base64 (EC2 User Guide, "Run commands when you launch an EC2 instance").
const dataLimit = 16 << 10

func (s *Server) faults() []string {
	var faults []string
	must := func(ok bool, field string, value any, allowed string) {
		if !ok {
			faults = append(faults, fmt.Sprintf("%s %q is not %s", field, fmt.Sprint(value), allowed))
		}
	}
	must(instanceID.MatchString(s.InstanceID), "instanceId", s.InstanceID, "an id such as i-0123456789abcdef0")
	must(associationID.MatchString(s.AssociationID), "associationId", s.AssociationID, "empty or an id such as eipassoc-0123456789abcdef0")
	must(imageID.MatchString(s.ImageID), "imageId", s.ImageID, "an id such as ami-0123456789abcdef0")
	must(device.MatchString(s.RootDevice.Name), "rootDevice.name", s.RootDevice.Name, "a device such as /dev/sda1")
	must(volumeType.MatchString(s.RootDevice.Type), "rootDevice.type", s.RootDevice.Type, "a type of EBS such as gp2")
	must(s.RootDevice.GiB >= 1 && s.RootDevice.GiB <= 65536, "rootDevice.gib", s.RootDevice.GiB, "from 1 to 65536")
	for _, name := range slices.Sorted(maps.Keys(s.Metadata)) {
		known := options[name]
		must(known != nil, "metadata", name, "an option"+nearest.Hint(name, slices.Sorted(maps.Keys(options))))
		must(known == nil || known.MatchString(fmt.Sprint(s.Metadata[name])), "metadata."+name, s.Metadata[name], "what it takes")
	}
	must(len(s.Tags) <= 50-own, "tags", len(s.Tags), fmt.Sprintf("at most %d", 50-own))
	for _, key := range slices.Sorted(maps.Keys(s.Tags)) {
		must(key != "" && !strings.HasPrefix(key, "aws:"), "tags", key, "a key of one's own: those that begin with aws: are AWS's")
		must(!replaced.MatchString(key+s.Tags[key]), "tags."+key, s.Tags[key], "free of {{resolve: and #{Token[")
	}
	for _, name := range slices.Sorted(maps.Keys(s.More)) {
		must(slices.Contains(Further, name), "more", name, "one of "+strings.Join(Further, ", ")+nearest.Hint(name, Further))
	}
	if data, isSet := s.More["UserData"]; isSet {
		text, _ := data.(string)
		decoded, err := base64.StdEncoding.DecodeString(text)
		must(err == nil && len(decoded) > 0 && len(decoded) <= dataLimit, "more.UserData", "...", "base64 of at most 16 KB")
	}
	return faults
}
