package test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// chart is one widget of the dashboard.
type chart struct {
	title, stat string
	seconds     float64 // 0 for CloudWatch's own choice
	lines       string
	metrics     [][]string // written out
}

// charts reads the dashboard: its body as CloudWatch gets it, with every abbreviation written out.
func charts(t *testing.T, tpl *template) []chart {
	t.Helper()
	var body struct {
		Widgets []struct {
			Type       string
			Properties struct {
				Title, Stat, Region string
				Period              float64
				Metrics             [][]string
				Annotations         struct {
					Horizontal []struct {
						Label string
						Value float64
					}
				}
			}
		}
	}
	reader := json.NewDecoder(strings.NewReader(fmt.Sprint(tpl.at("Dashboard/DashboardBody"))))
	reader.DisallowUnknownFields()
	if err := reader.Decode(&body); err != nil {
		t.Fatalf("the dashboard is not what CloudWatch takes: %v", err)
	}
	var all []chart
	for _, widget := range body.Widgets {
		p := widget.Properties
		if widget.Type != "metric" || p.Region != "ap-south-1" {
			t.Errorf("%s: a widget of type %q and region %q", p.Title, widget.Type, p.Region)
		}
		c := chart{title: p.Title, stat: p.Stat, seconds: p.Period}
		if c.stat == "" {
			c.stat = "Average" // the default
		}
		var lines []string
		for _, line := range p.Annotations.Horizontal {
			lines = append(lines, fmt.Sprintf("%s %v", line.Label, line.Value))
		}
		c.lines = strings.Join(lines, ", ")
		for i, metric := range p.Metrics {
			full := slices.Clone(metric)
			for j := range full {
				if full[j] == "." {
					full[j] = c.metrics[i-1][j]
				}
			}
			c.metrics = append(c.metrics, full)
		}
		all = append(all, c)
	}
	return all
}

// Every metric of the guide, with lines where it warns and where it is critical.
func TestDashboard(t *testing.T) {
	machines := func(dimensions ...string) []chart {
		each := func(namespace string, names ...string) (metrics [][]string) {
			for _, name := range names {
				for i := 0; i < len(dimensions); i += 2 {
					metrics = append(metrics, []string{namespace, name, dimensions[i], dimensions[i+1]})
				}
			}
			return metrics
		}
		return []chart{
			{"CPU %", "Average", 0, "warning 70, critical 90", each("AWS/EC2", "CPUUtilization")},
			{"Memory %", "Maximum", 0, "warning 80, critical 95", each("CWAgent", "mem_used_percent")},
			{"Disk and swap %", "Maximum", 0, "warning 85", each("CWAgent", "disk_used_percent", "swap_used_percent")},
			{"CPU credits", "Minimum", 0, "", each("AWS/EC2", "CPUCreditBalance", "CPUSurplusCreditBalance")},
		}
	}
	of := func(name string, more ...string) []string {
		return append([]string{"AWS/ApplicationELB", name, "LoadBalancer", "<LoadBalancer.LoadBalancerFullName>"}, more...)
	}
	// Before there is a balancer, nobody counts these.
	users := []chart{
		{"Response time p95, s", "p95", 0, "warning 1, critical 3", [][]string{of("TargetResponseTime")}},
		{"Healthy hosts", "Minimum", 0, "critical below 2", [][]string{of("HealthyHostCount", "TargetGroup", "<LoadBalancerTargets.TargetGroupFullName>")}},
		{"Requests and errors per minute", "Sum", 60, "", [][]string{of("RequestCount"), of("HTTPCode_Target_5XX_Count"), of("HTTPCode_ELB_5XX_Count")}},
		{"Nodes", "Average", 0, "", [][]string{{"AWS/AutoScaling", "GroupInServiceInstances", "AutoScalingGroupName", "<Fleet>"}}},
	}
	for _, test := range []struct {
		name    string
		context context
		want    []chart
	}{
		{"single", kora, machines("InstanceId", "<Server>")},
		{"vertical", kora.and(context{"stage": "vertical"}), machines("InstanceId", "<Server>")},
		{"horizontal beside the server", fleet(nil), append(machines("InstanceId", "<Server>", "AutoScalingGroupName", "<Fleet>"), users...)},
		{"horizontal alone", fleet(context{"keepServer": "none"}), append(machines("AutoScalingGroupName", "<Fleet>"), users...)},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(charts(t, must(t, test.context)), test.want, cmp.AllowUnexported(chart{})); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}
