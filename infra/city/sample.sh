#!/bin/sh
# Makes grids.csv, staff.csv and members.csv of the sample city from its units.csv: the same files every
# time. Villages share 737 grids evenly; every unit has its staff; every grid has one member of each team.
set -eu
cd "$(dirname "$0")"

# A grid's code: the region, then three digits each for its township and for itself.
awk -F, '
  $4 == "township" { number[$1] = sprintf("%03d", ++townships) }
  $3 == "village" { village[++villages] = $1; of[$1] = $5 }
  END {
    print "grid,village"
    for (v = 1; v <= villages; v++) {
      last = int(737 * v / villages)
      for (g = int(737 * (v - 1) / villages) + 1; g <= last; g++) {
        township = of[village[v]]
        printf "140581%s%03d,%s\n", number[township], ++grids[township], village[v]
      }
    }
  }' units.csv >grids.csv

awk -F, '
  function some(role, count, i) { for (i = 1; i <= count; i++) printf "%s-%s-%d,%s,%s\n", $1, role, i, role, $1 }
  NR == 1 { print "staff,role,unit"; next }
  $4 == "centre" { some("operator", 12); some("dispatcher", 6); some("caller", 6); some("supervisor", 3); some("leader", 2) }
  $4 == "township" { some("dispatcher", 1) }
  { some("handler", $3 == "village" ? 1 : 2) }' units.csv >staff.csv

# Nobody is called so, and no number of a person begins with 100.
awk -F, '
  BEGIN {
    split("零 一 二 三 四 五 六 七 八 九", digit, " ")
    split("always daytime evenings weekends always daytime away", when, " ")
    teams = split("grid_workers volunteers emergency property mediators sanitation health repair patrol new_employment", team, " ")
    split("visiting|registering elder_care|errands first_response|flood lift|facilities neighbours|family" \
      " waste|drains first_aid|chronic plumbing|electrics night_watch|traffic spotting|delivery", pair, " ")
    split("advice child_care fire parking land snow counselling gas dogs guiding", third, " ")
  }
  NR == 1 { print "member,name,team,skills,grid,contact,availability"; next }
  {
    for (t = 1; t <= teams; t++) {
      name = ""
      for (n = ++members; n > 0; n = int(n / 10)) name = digit[n % 10 + 1] name
      skills = (members % 3 == 0) ? third[t] : pair[t]
      printf "m%05d,样例员%s,%s,%s,%s,1009%07d,%s\n", members, name, team[t], skills, $1, members, when[members % 7 + 1]
    }
  }' grids.csv >members.csv
