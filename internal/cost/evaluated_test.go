package cost

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/korakagazindia/provisioner/internal/template"
)

// read parses a whole template, in the prices' region.
func read(t *testing.T, text string) *template.Template {
	t.Helper()
	parsed, err := template.Given{Region: "ap-south-1"}.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// lines is what the lines of a resource are about, with their quantities.
func (b Bill) lines(id string) map[string]Range {
	all := map[string]Range{}
	for _, l := range b.Lines {
		if l.LogicalID == id {
			all[l.Item] = l.Quantity
		}
	}
	return all
}

const hours = 730

// A bill holds what is made with the parameters' defaults.
func TestConditions(t *testing.T) {
	bill := of(t, read(t, `
Parameters: {Env: {Type: String, Default: dev}, Open: {Type: String}}
Mappings: {Sizes: {dev: {Type: t2.micro}, prod: {Type: t2.large}}}
Conditions: {Prod: !Equals [!Ref Env, prod], Dev: !Not [!Condition Prod], Open: !Equals [!Ref Open, x]}
Resources:
  Small: {Type: AWS::EC2::Instance, Condition: Dev, Properties: {InstanceType: t2.micro}}
  Large: {Type: AWS::EC2::Instance, Condition: Prod, Properties: {InstanceType: t2.large}}
  Mapped: {Type: AWS::EC2::Instance, Properties: {InstanceType: !FindInMap [Sizes, !Ref Env, Type]}}
  Chosen: {Type: AWS::EC2::Instance, Properties: {InstanceType: !If [Prod, t2.large, t2.micro]}}
  Maybe: {Type: AWS::EC2::Instance, Condition: Open, Properties: {InstanceType: !If [Open, t2.large, t2.micro]}}
`), Defaults())
	quantity, _ := bill.item("t2.micro server")
	if large, _ := bill.item("t2.large server"); quantity.Typical != 3*hours || large.Typical != 0 {
		t.Errorf("%v hours of t2.micro, %v of t2.large", quantity, large)
	}
	if len(bill.Unpriced) != 1 || bill.Unpriced[0].LogicalID != "Maybe" || !strings.Contains(strings.Join(bill.Notes, "\n"), "Maybe is counted as if its condition held") {
		t.Errorf("not priced %v, notes %q", bill.Unpriced, bill.Notes)
	}
}

// What a machine is launched from and into decides what it costs, however it is written.
func TestMachines(t *testing.T) {
	const network = `
  Public: {Type: AWS::EC2::Subnet, Properties: {MapPublicIpOnLaunch: true, VpcId: !Ref Own}}
  Private: {Type: AWS::EC2::Subnet, Properties: {}}
  Own: {Type: AWS::EC2::VPC, Properties: {InstanceTenancy: TENANCY}}
  Card: {Type: AWS::EC2::NetworkInterface, Properties: {SubnetId: !Ref Public}}
  Address: {Type: AWS::EC2::EIP}
  Plain: {Type: AWS::EC2::LaunchTemplate, Properties: {LaunchTemplateData: {InstanceType: t3.micro, ImageId: 'resolve:ssm:/aws/service/x'}}}
  Configuration: {Type: AWS::AutoScaling::LaunchConfiguration, Properties: {InstanceType: t2.micro, ImageId: ami-1}}
  Unwatched: {Type: AWS::AutoScaling::LaunchConfiguration, Properties: {InstanceType: t2.micro, ImageId: ami-1, InstanceMonitoring: false, AssociatePublicIpAddress: false}}
  Spot: {Type: AWS::AutoScaling::LaunchConfiguration, Properties: {InstanceType: t2.micro, ImageId: ami-1, SpotPrice: "0.01"}}
  Copy: {Type: AWS::AutoScaling::LaunchConfiguration, Properties: {InstanceId: i-1}}
  Windows: {Type: AWS::EC2::LaunchTemplate, Properties: {LaunchTemplateData: {InstanceType: t3.micro, ImageId: 'resolve:ssm:/aws/service/ami-windows-latest/x'}}}
  Dedicated: {Type: AWS::AutoScaling::LaunchConfiguration, Properties: {InstanceType: t2.micro, ImageId: ami-1, PlacementTenancy: dedicated}}
Parameters: {Open: {Type: String}, Image: {Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', Default: /aws/service/ami-windows-latest/x}}
Conditions: {Open: !Equals [!Ref Open, x]}
`
	const disk = "disk of the server, by image"
	one := same(hours)
	server := map[string]Range{"t3.micro server": one, "CPU above 10 % of the server": same(0), disk: same(8)}
	with := func(item string, quantity Range) map[string]Range {
		all := map[string]Range{item: quantity}
		for k, v := range server {
			all[k] = v
		}
		return all
	}
	for _, tc := range []struct {
		name, resource string
		want           map[string]Range
		unpriced       string
	}{
		{"outside", `AWS::EC2::Instance, Properties: {InstanceType: t3.micro}`, with("IPv4 of the server", one), ""},
		{"in a public subnet", `AWS::EC2::Instance, Properties: {InstanceType: t3.micro, SubnetId: !Ref Public}`, with("IPv4 of the server", one), ""},
		{"in a private subnet", `AWS::EC2::Instance, Properties: {InstanceType: t3.micro, SubnetId: !Sub '${Private}'}`, server, ""},
		{"by a card in a private subnet", `AWS::EC2::Instance, Properties: {InstanceType: t3.micro, NetworkInterfaces: [{DeviceIndex: 0, SubnetId: !GetAtt Private.SubnetId}]}`, server, ""},
		{"by a card with an address", `AWS::EC2::Instance, Properties: {InstanceType: t3.micro, NetworkInterfaces: [{AssociatePublicIpAddress: "true", SubnetId: !Ref Private}]}`, with("IPv4 of the server", one), ""},
		{"by a card without an address", `AWS::EC2::Instance, Properties: {InstanceType: t3.micro, NetworkInterfaces: [{AssociatePublicIpAddress: no, SubnetId: !Ref Public}]}`, server, ""},
		{"by a card that nobody knows", `AWS::EC2::Instance, Properties: {InstanceType: t3.micro, NetworkInterfaces: [{AssociatePublicIpAddress: !If [Open, true, false]}]}`, server, "whether it has a public address is known only when it is deployed"},
		{"by a card made before", `AWS::EC2::Instance, Properties: {InstanceType: t3.micro, NetworkInterfaces: [{DeviceIndex: 0, NetworkInterfaceId: !Ref Card}]}`, server, ""},
		{"with an address on its card", "AWS::EC2::Instance, Properties: {InstanceType: t3.micro, NetworkInterfaces: [{DeviceIndex: 0, NetworkInterfaceId: !Ref Card}]}}\n  Of: {Type: AWS::EC2::EIPAssociation, Properties: {AllocationId: !GetAtt Address.AllocationId, NetworkInterfaceId: !Ref Card}", server, ""},
		{"dedicated by its network", `AWS::EC2::Instance, Properties: {InstanceType: t3.micro, SubnetId: !Ref Public}`, nil, "a tenancy of its own costs more than the price book's"},
		{"on a host", `AWS::EC2::Instance, Properties: {InstanceType: t3.micro, HostId: h-1}`, nil, "a tenancy of its own costs more than the price book's"},
		{"of a tenancy that nobody knows", `AWS::EC2::Instance, Properties: {InstanceType: t3.micro, Tenancy: !Ref Open}`, nil, "its tenancy is known only when it is deployed"},
		{"of Windows", `AWS::EC2::Instance, Properties: {InstanceType: t3.micro, ImageId: !Ref Image}`, nil, "Windows has prices of its own, and the price book has those of Linux"},
		{"of SUSE", `AWS::EC2::Instance, Properties: {InstanceType: t3.micro, ImageId: '{{resolve:ssm:/aws/service/suse/sles/15-sp5/x86_64/latest}}'}`, nil, "SUSE Linux has prices of its own, and the price book has those of Linux"},
		{"of Windows by a launch template", `AWS::EC2::Instance, Properties: {LaunchTemplate: {LaunchTemplateId: !Ref Windows, Version: "1"}}`, nil, "Windows has prices of its own, and the price book has those of Linux"},
		{"of Windows, perhaps", `AWS::EC2::Instance, Properties: {InstanceType: t3.micro, ImageId: !If [Open, !Ref Image, ami-1]}`, nil, "Windows has prices of its own, and the price book has those of Linux"},
		{"by a card with an address, in another spelling", `AWS::EC2::Instance, Properties: {InstanceType: t3.micro, NetworkInterfaces: [{AssociatePublicIpAddress: "True", SubnetId: !Ref Private}]}`, with("IPv4 of the server", one), ""},
		{"dedicated by its network, through a card made before", `AWS::EC2::Instance, Properties: {InstanceType: t3.micro, NetworkInterfaces: [{DeviceIndex: 0, NetworkInterfaceId: !Ref Card}]}`, nil, "a tenancy of its own costs more than the price book's"},
		{"a group of a configuration that copies a server", `AWS::AutoScaling::AutoScalingGroup, Properties: {MinSize: 1, MaxSize: 1, LaunchConfigurationName: !Ref Copy}`, nil, "its instance type is known only when it is deployed"},
		{"a gateway with an address outside", `AWS::EC2::NatGateway, Properties: {SubnetId: !Ref Public, AllocationId: eipalloc-1}`, map[string]Range{"NAT gateway": one, "Elastic IP, outside the stack": one}, ""},
		{"a gateway with an address of the stack", `AWS::EC2::NatGateway, Properties: {SubnetId: !Ref Public, AllocationId: !GetAtt Address.AllocationId}`, map[string]Range{"NAT gateway": one}, ""},
		{"from a launch template", `AWS::EC2::Instance, Properties: {LaunchTemplate: {LaunchTemplateId: !Ref Plain, Version: "1"}}`, with("IPv4 of the server", one), ""},
		{"disks that nobody knows", `AWS::EC2::Instance, Properties: {InstanceType: t3.micro, SubnetId: !Ref Private, BlockDeviceMappings: !If [Open, [], [{DeviceName: a}]]}`, nil, "its disks are known only when it is deployed"},
		{"a disk beside the image's", `AWS::EC2::Instance, Properties: {InstanceType: t3.micro, SubnetId: !Ref Private, BlockDeviceMappings: [{DeviceName: /dev/sdf, Ebs: {VolumeType: gp3, VolumeSize: 20}}]}`, with("disk of the server, gp3", same(20)), ""},
		{"a group in both subnets", `AWS::AutoScaling::AutoScalingGroup, Properties: {MinSize: 1, MaxSize: 1, VPCZoneIdentifier: [!Ref Public, !Ref Private], LaunchTemplate: {LaunchTemplateId: !Ref Plain}}`, nil, "public addresses: some of its subnets give them"},
		{"a group of a launch configuration", `AWS::AutoScaling::AutoScalingGroup, Properties: {MinSize: "2", MaxSize: "4", AvailabilityZones: !GetAZs '', LaunchConfigurationName: !Ref Configuration}`,
			map[string]Range{"t2.micro node": {2 * hours, 2 * hours, 4 * hours}, "disk of the node, by image": {16, 16, 32}, "detailed monitoring, node": {14, 14, 28}, "IPv4 of the nodes": {2 * hours, 2 * hours, 4 * hours}}, ""},
		{"one that is not watched", `AWS::AutoScaling::AutoScalingGroup, Properties: {MinSize: 1, MaxSize: 1, LaunchConfigurationName: !Sub '${Unwatched}'}`,
			map[string]Range{"t2.micro node": one, "disk of the node, by image": same(8)}, ""},
		{"one of spot", `AWS::AutoScaling::AutoScalingGroup, Properties: {MinSize: 1, MaxSize: 1, LaunchConfigurationName: !Ref Spot}`, nil, "a spot price changes by the hour"},
		{"one that is dedicated", `AWS::AutoScaling::AutoScalingGroup, Properties: {MinSize: 1, MaxSize: 1, LaunchConfigurationName: !Ref Dedicated}`, nil, "a tenancy of its own costs more than the price book's"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tenancy := "default"
			if strings.Contains(tc.name, "its network") {
				tenancy = "dedicated"
			}
			bill := of(t, read(t, "Resources:\n  X: {Type: "+tc.resource+"}"+strings.Replace(network, "TENANCY", tenancy, 1)), Defaults())
			if diff := cmp.Diff(bill.lines("X"), tc.want); tc.want != nil && diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
			reasons := map[string]bool{}
			for _, u := range bill.Unpriced {
				reasons[u.Reason] = true
			}
			if tc.unpriced == "" && len(reasons) > 0 || tc.unpriced != "" && !reasons[tc.unpriced] {
				t.Errorf("not priced: %v, want %q", bill.Unpriced, tc.unpriced)
			}
			if kind := bill.lines("X")["t3.micro server"]; tc.want == nil && strings.Contains(tc.unpriced, "price") && kind != (Range{}) {
				t.Errorf("priced all the same: %v", bill.Lines)
			}
		})
	}
}

// A balancer pays for an address in each zone that it is in and gives users.
func TestBalancers(t *testing.T) {
	const parameters = `
Parameters: {Open: {Type: 'List<AWS::EC2::Subnet::Id>'}, Three: {Type: CommaDelimitedList, Default: 'a,b,c'}, Scheme: {Type: String}}
Conditions: {Open: !Equals [!Ref Scheme, x]}
`
	for _, tc := range []struct {
		name, properties, item string
		zones                  float64
	}{
		{"two", `Subnets: [a, b]`, "IPv4 of the balancer, 2 zones", 2},
		{"a list that nobody knows", `Subnets: !Ref Open`, "IPv4 of the balancer, 2+ zones", 2},
		{"a split that nobody knows", `Subnets: !Split [',', !ImportValue x]`, "IPv4 of the balancer, 2+ zones", 2},
		{"a list's default", `Subnets: !Ref Three`, "IPv4 of the balancer, 3 zones", 3},
		{"a split", `Subnets: !Split [',', 'a,b,c']`, "IPv4 of the balancer, 3 zones", 3},
		{"elements of a list that nobody knows", `Subnets: [!Select [0, !Ref Open], !Select [1, !Ref Open], !Select [2, !Ref Open]]`, "IPv4 of the balancer, 3 zones", 3},
		{"one that may be there", `Subnets: [a, b, !If [Open, c, !Ref 'AWS::NoValue']]`, "IPv4 of the balancer, up to 3 zones", 3},
		{"mappings", `SubnetMappings: [{SubnetId: a}, {SubnetId: b}, {SubnetId: c}]`, "IPv4 of the balancer, 3 zones", 3},
		{"inside", `Scheme: internal, Subnets: [a, b]`, "", 0},
		{"dual stack", `IpAddressType: dualstack, Subnets: [a, b]`, "IPv4 of the balancer, 2 zones", 2},
		{"without public IPv4", `IpAddressType: dualstack-without-public-ipv4, Subnets: [a, b]`, "", 0},
		{"of a scheme that nobody knows", `Scheme: !Ref Scheme, Subnets: [a, b]`, "IPv4 of the balancer, 2 zones", 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			bill := of(t, read(t, "Resources: {X: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {"+tc.properties+"}}}"+parameters), Defaults())
			want := map[string]Range{"load balancer": same(hours), "load balancer capacity": same(0.04 * hours)}
			if tc.item != "" {
				want[tc.item] = same(tc.zones * hours)
			}
			if diff := cmp.Diff(bill.lines("X"), want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

// Data passes one gateway on its way out, however many there are.
func TestNATTrafficIsCountedOnce(t *testing.T) {
	bill := of(t, stack(t, `"A": {"Type": "AWS::EC2::NatGateway"}, "B": {"Type": "AWS::EC2::NatGateway"}`), Defaults())
	if got, _ := bill.item("data through NAT gateways"); got != same(20) {
		t.Errorf("%v GiB", got)
	}
	if got, _ := bill.item("NAT gateway"); got != same(2*hours) {
		t.Errorf("%v hours", got)
	}
}

// A public image costs nothing, however it is named; one of one's own does, and one that nobody knows is said.
func TestImages(t *testing.T) {
	const path = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
	for _, tc := range []struct {
		name, image, item, note string
	}{
		{"by a parameter", `!Ref Public`, "", ""},
		{"by a dynamic reference", `'{{resolve:ssm:` + path + `}}'`, "", ""},
		{"by a dynamic reference in a function", `!Sub '{{resolve:ssm:` + path + `}}'`, "", ""},
		{"one's own", `ami-1`, "image ami-1", ""},
		{"one's own by a parameter", `!Ref Own`, "image ami-2", ""},
		{"nobody knows", `!Ref Open`, "", "X: which image is known only when it is deployed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			bill := of(t, read(t, `
Parameters:
  Public: {Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', Default: `+path+`}
  Own: {Type: 'AWS::EC2::Image::Id', Default: ami-2}
  Open: {Type: 'AWS::EC2::Image::Id'}
Resources: {X: {Type: AWS::EC2::Instance, Properties: {InstanceType: t3.micro, ImageId: `+tc.image+`}}}`), Defaults())
			var images []string
			for _, l := range bill.Lines {
				if strings.HasPrefix(l.Item, "image ") {
					images = append(images, l.Item)
				}
			}
			if got := strings.Join(images, ", "); got != tc.item {
				t.Errorf("images %q, want %q", got, tc.item)
			}
			if notes := strings.Join(bill.Notes, "\n"); !strings.Contains(notes, tc.note) || len(bill.Unpriced) > 0 {
				t.Errorf("notes %q, want %q; not priced %v", notes, tc.note, bill.Unpriced)
			}
		})
	}
}

// What is not understood is not priced, by name, once.
func TestNotUnderstood(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"a macro", `{"Transform": "M", "Resources": {}}`, "the transform M is not understood: what it makes is not counted"},
		{"a macro in a server", `{"Resources": {"X": {"Type": "AWS::EC2::Instance", "Properties": {"Fn::Transform": {"Name": "M"}, "InstanceType": "t3.micro", "ImageId": "ami-1", "BlockDeviceMappings": [], "NetworkInterfaces": [], "Tenancy": "default", "Monitoring": false}}}}`, "the macro M is not understood: what it makes is not counted"},
		{"a module", `{"Resources": {"X": {"Type": "A::B::C::MODULE"}}}`, "the price book knows no A::B::C::MODULE"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			bill := of(t, read(t, tc.text), Defaults())
			count := 0
			for _, u := range bill.Unpriced {
				if u.Reason == tc.want {
					count++
				}
			}
			if count != 1 {
				t.Errorf("not priced: %v, want once %q", bill.Unpriced, tc.want)
			}
		})
	}
}

// What stays of a resource that goes is kept as its policy says: all, a snapshot, nothing, or what nobody knows.
func TestPolicies(t *testing.T) {
	for _, tc := range []struct {
		policy string
		kept   float64
		note   string
	}{
		{"Retain", 8 * 0.0912, ""},
		{"Snapshot", 4 * 0.05, ""},
		{"Delete", 0, ""},
		{"!If [Open, Retain, Delete]", 0, "whether Disk stays in the account when it leaves the stack is known only when it is deployed"},
	} {
		bill := of(t, read(t, `
Parameters: {Open: {Type: String}}
Conditions: {Open: !Equals [!Ref Open, x]}
Resources:
  Disk: {Type: AWS::EC2::Volume, DeletionPolicy: `+tc.policy+`, Properties: {AvailabilityZone: ap-south-1a, Size: 8, VolumeType: gp3}}`), Defaults())
		got := 0.0
		for _, k := range bill.Kept {
			got += k.Monthly.Typical
		}
		if cmp.Diff(got, tc.kept, cent) != "" || strings.Join(bill.Notes, "") != tc.note {
			t.Errorf("%s: %.2f, want %.2f; notes %q", tc.policy, got, tc.kept, bill.Notes)
		}
	}
}

// A bill is the same whether numbers and truths are written as such or as text.
func TestNumbersAsText(t *testing.T) {
	var text func(value any) any
	text = func(value any) any {
		switch v := value.(type) {
		case bool, float64:
			return template.Text(v)
		case map[string]any:
			all := map[string]any{}
			for key, each := range v {
				all[key] = text(each)
			}
			return all
		case []any:
			all := make([]any, len(v))
			for i, each := range v {
				all[i] = text(each)
			}
			return all
		}
		return value
	}
	for _, name := range goldens(t) {
		want := golden(t, name)
		written, err := json.Marshal(text(want.Raw))
		if err != nil {
			t.Fatal(err)
		}
		got, err := template.Parse(written)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(of(t, got, Defaults()).Total, of(t, want, Defaults()).Total, cent); diff != "" {
			t.Errorf("%s (-as text +as numbers):\n%s", name, diff)
		}
	}
}
