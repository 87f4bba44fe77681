package schema

import (
	"strings"
	"testing"
)

func TestOf(t *testing.T) {
	disk := func(size float64, deleted bool) any {
		return []any{map[string]any{"DeviceName": "/dev/sda1", "Ebs": map[string]any{"VolumeSize": size, "DeleteOnTermination": deleted}}}
	}
	index := func(name, key string) []any { return []any{map[string]any{"IndexName": name, "KeySchema": key}} }
	for _, tc := range []struct {
		name, resourceType, property string
		from, to                     any
		want                         Effect
		page                         bool
	}{
		{"the schema alone", "AWS::EC2::Instance", "ImageId", nil, nil, Replace, false},
		{"in place", "AWS::EC2::Instance", "IamInstanceProfile", nil, nil, Update, false},
		{"AWS's page says more", "AWS::EC2::Instance", "InstanceType", nil, nil, Interrupt, true},
		{"conditional, and the page says less", "AWS::EC2::Instance", "Tenancy", nil, nil, MayReplace, true},
		{"some interruption", "AWS::RDS::DBInstance", "DBInstanceClass", nil, nil, Interrupt, true},
		{"conditional and no page", "AWS::ECS::Service", "LoadBalancers", nil, nil, Plain("AWS::ECS::Service", "LoadBalancers"), false},
		{"newer than the pages", "AWS::EC2::Instance", "MetadataOptions", nil, nil, Update, true},
		{"a network that becomes dedicated", "AWS::EC2::VPC", "InstanceTenancy", nil, "dedicated", Replace, true},
		{"a network that becomes shared", "AWS::EC2::VPC", "InstanceTenancy", "dedicated", "default", Update, true},
		{"a network of hosts", "AWS::EC2::VPC", "InstanceTenancy", "dedicated", "host", MayReplace, true},
		{"a token that comes", "AWS::ElastiCache::ReplicationGroup", "AuthToken", nil, "x", Replace, true},
		{"another token", "AWS::ElastiCache::ReplicationGroup", "AuthToken", "y", "x", MayReplace, true},
		{"a volume's zone", "AWS::EC2::Volume", "AvailabilityZone", "a", "b", Refuse, true},
		{"a volume's encryption", "AWS::EC2::Volume", "Encrypted", nil, true, Refuse, true},
		{"a smaller volume", "AWS::EC2::Volume", "Size", 20.0, "8", Refuse, true},
		{"a larger volume", "AWS::EC2::Volume", "Size", "8", 20.0, Update, false},
		{"a key's spec", "AWS::KMS::Key", "KeySpec", "RSA_2048", "RSA_4096", Refuse, true},
		{"an index more", "AWS::DynamoDB::Table", "GlobalSecondaryIndexes", index("a", "k"), append(index("a", "k"), index("b", "k")...), Update, false},
		{"another key of an index", "AWS::DynamoDB::Table", "GlobalSecondaryIndexes", index("a", "k"), index("a", "l"), Refuse, true},
		{"another name of an index", "AWS::DynamoDB::Table", "GlobalSecondaryIndexes", index("a", "k"), index("b", "k"), Refuse, true},
		{"create-only below the top", "AWS::Route53::HealthCheck", "HealthCheckConfig", map[string]any{"Type": "TCP"}, map[string]any{"Type": "HTTP"}, Replace, true},
		{"not create-only below the top", "AWS::Route53::HealthCheck", "HealthCheckConfig", map[string]any{"Type": "TCP", "Port": 1.0}, map[string]any{"Type": "TCP", "Port": 2.0}, Update, false},
		{"create-only below what was not there", "AWS::EC2::VPCEndpoint", "DnsOptions", nil, map[string]any{"PrivateDnsPreference": "x"}, Replace, true},
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
	for _, e := range exceptions {
		if Plain(e.Type, e.Property) == Unknown && e.Page != registry || e.Why == "" || e.Page == "" {
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
