package schema

import (
	"strings"
	"testing"
)

func TestOf(t *testing.T) {
	disk := func(size float64, deleted bool) any {
		return []any{map[string]any{"DeviceName": "/dev/sda1", "Ebs": map[string]any{"VolumeSize": size, "DeleteOnTermination": deleted}}}
	}
	for _, tc := range []struct {
		name, resourceType, property string
		from, to                     any
		want                         Effect
		page                         bool
	}{
		{"the schema alone", "AWS::EC2::Instance", "ImageId", nil, nil, Replace, false},
		{"in place", "AWS::EC2::Instance", "IamInstanceProfile", nil, nil, Update, false},
		{"AWS's page says more", "AWS::EC2::Instance", "InstanceType", nil, nil, Interrupt, true},
		{"conditional and no page", "AWS::EC2::Instance", "Tenancy", nil, nil, MayReplace, false},
		{"a larger disk", "AWS::EC2::Instance", "BlockDeviceMappings", disk(8, false), disk(20, false), Replace, true},
		{"only what becomes of a disk", "AWS::EC2::Instance", "BlockDeviceMappings", disk(8, false), disk(8, true), Interrupt, true},
		{"a property that nobody knows", "AWS::EC2::Instance", "Colour", nil, nil, Unknown, false},
		{"a type that nobody knows", "AWS::New::Thing", "Name", nil, nil, Unknown, false},
		{"a custom resource", "Custom::Thing", "Name", nil, nil, Unknown, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, why := Of(tc.resourceType, tc.property, tc.from, tc.to)
			if got != tc.want || (why != "") != tc.page {
				t.Errorf("got %s, %q, want %s", got, why, tc.want)
			}
		})
	}
}

// An exception is about something that the facts hold, differs from them or explains, and gives reason and page.
func TestExceptions(t *testing.T) {
	for _, e := range Exceptions() {
		if Plain(e.Type, e.Property) == Unknown || e.Why == "" || e.Page == "" {
			t.Errorf("%s.%s: %+v", e.Type, e.Property, e)
		}
	}
}

// The facts are of the pinned version, and hold a property's name of each type that has one.
func TestFacts(t *testing.T) {
	if got, want := Source(), "npm @aws-cdk/aws-service-spec 0.1.216"; got != want {
		t.Errorf("source %s, want %s", got, want)
	}
	for resourceType, property := range names {
		if Plain(resourceType, property) == Unknown {
			t.Errorf("%s has no %s", resourceType, property)
		}
	}
	for _, resourceType := range Types() {
		if !strings.Contains(resourceType, "::") {
			t.Errorf("type %s", resourceType)
		}
	}
}
