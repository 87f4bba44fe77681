package cost

import (
	"math"
	"testing"
)

// What a replaced server's old one goes on costing: t2.micro 0.0124 x 730, a disk of 8 GB gp3 at 0.0912, and the public address
// that it gets when it has lost the Elastic IP, 0.005 x 730.
func TestReplaced(t *testing.T) {
	server := `"Server": {"Type": "AWS::EC2::Instance", "Properties": {"InstanceType": "t2.micro", "ImageId": "{{resolve:ssm:/aws/service/x}}",
		"BlockDeviceMappings": [{"DeviceName": "/dev/sda1", "Ebs": {"VolumeType": "gp3", "VolumeSize": 8}}]}}`
	address := `, "Address": {"Type": "AWS::EC2::EIP", "Properties": {"InstanceId": {"Ref": "Server"}}}`
	for _, tc := range []struct {
		name, resources, id, item string
		monthly                   float64
	}{
		{"with an Elastic IP", server + address, "Server", "the old server with its disk and a public address of its own", 9.052 + 0.7296 + 3.65},
		{"with its own address", server, "Server", "the old server with its disk", 9.052 + 0.7296 + 3.65},
		{"an address", server + address, "Address", "the address", 3.65},
		{"not there", server, "Other", "", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			kept, err := Replaced(stack(t, tc.resources), Defaults(), tc.id)
			if err != nil {
				t.Fatal(err)
			}
			if tc.item == "" && len(kept) == 0 {
				return
			}
			if len(kept) != 1 || kept[0].Item != tc.item || math.Abs(kept[0].Monthly.Typical-tc.monthly) > 0.01 {
				t.Errorf("got %+v, want %s at %.2f", kept, tc.item, tc.monthly)
			}
		})
	}
}
