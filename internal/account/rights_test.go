package account

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// Of a session the role's own ARN is asked for, since the session's leaves out the path.
func TestPrincipal(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ParseForm() != nil || r.Form.Get("Action") != "GetRole" || r.Form.Get("RoleName") != "AWSReservedSSO_Ops" {
			t.Errorf("asked %v", r.Form)
		}
		_, _ = w.Write([]byte("<GetRoleResponse><GetRoleResult><Role><Arn>arn:aws:iam::123456789012:role/aws-reserved/AWSReservedSSO_Ops</Arn></Role></GetRoleResult></GetRoleResponse>"))
	}))
	defer server.Close()
	for arn, want := range map[string]string{
		"arn:aws:iam::123456789012:user/team/ops":                         "arn:aws:iam::123456789012:user/team/ops",
		"arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Ops/a@b.c": "arn:aws:iam::123456789012:role/aws-reserved/AWSReservedSSO_Ops",
		"arn:aws:iam::123456789012:root":                                  "",
		"arn:aws:sts::123456789012:federated-user/ops":                    "",
	} {
		got, err := At(server.URL, "ap-south-1").Principal(t.Context(), &Caller{ARN: arn})
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %s, %v", arn, got, err)
		}
	}
}
