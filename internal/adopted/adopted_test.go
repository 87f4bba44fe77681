package adopted_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/korakagazindia/provisioner/internal/adopted"
)

const whole = `{"instanceId": "i-0123456789abcdef0", "associationId": "eipassoc-0123456789abcdef0", "imageId": "ami-01234567",
	"rootDevice": {"name": "/dev/sda1", "gib": 8, "type": "gp3", "encrypted": true, "deleteOnTermination": true, "iops": 4000, "throughput": 250},
	"metadata": {"HttpTokens": "optional", "HttpPutResponseHopLimit": 1}, "tags": {"Name": "kora", "Owner": "ops"},
	"more": {"UserData": "IyEvYmluL3No", "Monitoring": true}}`

func TestParse(t *testing.T) {
	fromText, err := adopted.Parse(whole)
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal([]byte(whole), &value); err != nil {
		t.Fatal(err)
	}
	if fromJSON, err := adopted.Parse(value); err != nil || !reflect.DeepEqual(fromText, fromJSON) {
		t.Errorf("as JSON %+v, %v, as text %+v", fromJSON, err, fromText)
	}
	want := map[string]any{
		"ImageId": "ami-01234567", "UserData": "IyEvYmluL3No", "Monitoring": true,
		"BlockDeviceMappings": []any{map[string]any{"DeviceName": "/dev/sda1", "Ebs": map[string]any{
			"DeleteOnTermination": true, "Encrypted": true, "VolumeSize": 8, "VolumeType": "gp3", "Iops": 4000, "Throughput": 250}}},
		"MetadataOptions": map[string]any{"HttpTokens": "optional", "HttpPutResponseHopLimit": 1.0},
	}
	if got := fromText.Properties(); !reflect.DeepEqual(got, want) {
		t.Errorf("properties %v, want %v", got, want)
	}
	tags := []adopted.Tag{{"DailySnapshot", "x"}, {"Name", "x"}, {"Owner", "ops"}}
	if got := fromText.TagsWith(map[string]string{"Name": "x", "DailySnapshot": "x"}); !reflect.DeepEqual(got, tags) {
		t.Errorf("tags %v, want %v", got, tags)
	}
}

// Each fault names its field, and what was right before stays right.
func TestFaults(t *testing.T) {
	many := ""
	for i := range 46 {
		many += fmt.Sprintf(`"k%d": "v", `, i)
	}
	for name, tc := range map[string]struct{ from, to, saying string }{
		"no object":              {whole, `"x"`, "cannot unmarshal"},
		"another instance":       {"i-0123456789abcdef0", "i-x", "instanceId"},
		"another association":    {"eipassoc-0123456789abcdef0", "eipalloc-0123456789abcdef0", "associationId"},
		"another image":          {"ami-01234567", "ami-1", "imageId"},
		"a device":               {"/dev/sda1", "sda1", "rootDevice.name"},
		"a type of volume":       {"gp3", "gp9", "rootDevice.type"},
		"no size":                {`"gib": 8`, `"gib": 0`, "rootDevice.gib"},
		"an unknown field":       {`"gib"`, `"size"`, `unknown field "size"`},
		"an unknown option":      {"HttpTokens", "HttpToken", "the nearest is HttpTokens"},
		"an option's value":      {`"optional"`, `"maybe"`, "metadata.HttpTokens"},
		"a hop limit":            {`Limit": 1`, `Limit": 65`, "HttpPutResponseHopLimit"},
		"a tag of AWS":           {`"Owner"`, `"aws:x"`, "aws:"},
		"a tag that is resolved": {`"ops"`, `"{{resolve:ssm:x}}"`, "{{resolve:"},
		"too many tags":          {`"Owner": "ops"`, many + `"Owner": "ops"`, "at most 46"},
		"a further property":     {"Monitoring", "Monitor", "the nearest is Monitoring"},
		"user data in plain":     {"IyEvYmluL3No", "#!/bin/sh", "base64"},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(whole, tc.from) {
				t.Fatalf("%q is not there", tc.from)
			}
			_, err := adopted.Parse(strings.Replace(whole, tc.from, tc.to, 1))
			if err == nil || !strings.Contains(err.Error(), tc.saying) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one line that says %q", err, tc.saying)
			}
		})
	}
	for name, change := range map[string][2]string{
		"without an association": {"eipassoc-0123456789abcdef0", ""},
		"without further ones":   {`,` + "\n\t" + `"more": {"UserData": "IyEvYmluL3No", "Monitoring": true}`, ""},
		"the longest hop limit":  {`Limit": 1`, `Limit": 64`},
	} {
		if _, err := adopted.Parse(strings.Replace(whole, change[0], change[1], 1)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
