# shellcheck shell=bash disable=SC2154,SC2016
# The proxy of a server, by which its users reach the app: sourced by boot.sh, whose names it uses. It travels in the server's
# settings, since no node needs it and the two parameters of boot and revision are full.
mkdir -p /etc/caddy
sites=":80 {
	reverse_proxy 127.0.0.1:$PORT
}"
# A certificate is asked for when someone wants the site by HTTPS and its name leads to this very machine. So no authority
# is asked in vain: it would go the same way. Caddy asks on a port that no app may take, and for ten seconds
# (caddytls, onDemandAskClient); systemd starts a program for each question, of which a flood must not close the port.
if [ -n "$DOMAIN" ]; then
  id=$(aws metadata instance-id)
  # Nobody knows whether a machine reaches itself by its public address, and how late the metadata is. So what answers by
  # the name decides, and the metadata only when nothing does. Several addresses are no URL, and not that of the metadata.
  cat >"$home/ask" <<'ASK'
grep -q $'^\r$' || exit
address=$(getent ahostsv4 "$1" | cut -d' ' -f1 | sort -u)
if answer=$(curl -sm 3 -H "Host: $1" "http://$address/$2"); then
  [ "$answer" = here ]
else
  [ -n "$address" ] && [ "$address" = "$("${0%ask}aws" metadata public-ipv4)" ]
fi && status=200
printf 'HTTP/1.0 %s\r\n\r\n' "${status:-403}"
ASK
  cat >"/etc/systemd/system/$NAME-ask@.service" <<ASK
[Service]
ExecStart=-timeout 9 bash $home/ask $DOMAIN $id
StandardInput=socket
DynamicUser=yes
ASK
  cat >"/etc/systemd/system/$NAME-ask.socket" <<ASK
[Socket]
ListenStream=127.0.0.1:418
Accept=yes
TriggerLimitBurst=0
[Install]
WantedBy=sockets.target
ASK
  systemctl -q enable --now "$NAME-ask.socket"
  PROXY_OPTIONS+="
	on_demand_tls {
		ask http://127.0.0.1:418
	}"
  sites="$DOMAIN {
	tls {
		on_demand
	}
	reverse_proxy 127.0.0.1:$PORT
}
http://$DOMAIN {
	route {
		respond /$id here
		redir https://$DOMAIN{uri} 308
	}
}
$sites"
fi
printf '{\n\t%s\n}\n%s\n' "$PROXY_OPTIONS" "$sites" >/etc/caddy/Caddyfile.new
if ! { cmp -s /etc/caddy/Caddyfile.new /etc/caddy/Caddyfile && systemctl -q is-active caddy; }; then
  mv /etc/caddy/Caddyfile.new /etc/caddy/Caddyfile
  systemctl -q is-active caddy || install_packages caddy
  systemctl reload-or-restart caddy || { journalctl -qn 9 -o cat -u caddy; false; }
fi
