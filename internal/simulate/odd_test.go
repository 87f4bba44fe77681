package simulate

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/korakagazindia/provisioner/internal/template"
)

// Whatever stands in a template where numbers and words belong, reading and running it gives a result or an error, never a panic, and
// ends.
func TestOddTemplates(t *testing.T) {
	text, err := os.ReadFile(templates + "horizontal.template.json")
	if err != nil {
		t.Fatal(err)
	}
	odd := []any{nil, -1.0, 1e12, "x", []any{}, map[string]any{"Ref": "Fleet"}}
	a := Assumed()
	rates := append(flat(a, 3, 30), flat(a, 0.01, 30)...)
	kinds := map[string]bool{"AWS::AutoScaling::AutoScalingGroup": true, "AWS::AutoScaling::ScalingPolicy": true, "AWS::CloudWatch::Alarm": true,
		"AWS::ElasticLoadBalancingV2::TargetGroup": true, "AWS::ElasticLoadBalancingV2::Listener": true, "AWS::EC2::LaunchTemplate": true,
		"AWS::EC2::Instance": true, "AWS::Route53::RecordSet": true, "AWS::ElasticLoadBalancingV2::LoadBalancer": true}
	ran, refused := 0, 0
	try := func(raw map[string]any) {
		changed, err := json.Marshal(raw)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := template.Parse(changed)
		if err != nil {
			return
		}
		s, err := Read(parsed)
		if err != nil {
			refused++
			return
		}
		s.Happens = []Happening{{600, "deploy"}, {1800, "lose-zone"}}
		if r := Run(s, rates, a, 1, nil); r.Asked < r.Unserved*0.5 {
			t.Errorf("%v asked, %v unserved", r.Asked, r.Unserved)
		}
		ran++
	}
	var raw map[string]any
	if err := json.Unmarshal(text, &raw); err != nil {
		t.Fatal(err)
	}
	for _, resource := range raw["Resources"].(map[string]any) {
		r := resource.(map[string]any)
		properties, _ := r["Properties"].(map[string]any)
		if !kinds[r["Type"].(string)] {
			continue
		}
		for name, was := range properties {
			for _, value := range odd {
				properties[name] = value
				try(raw)
			}
			properties[name] = was
		}
	}
	if ran < 200 || refused < 10 {
		t.Errorf("%d ran, %d were refused", ran, refused)
	}
}
