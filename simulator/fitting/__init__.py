"""What a fund's own claims say of its members' care: how often, how dear, how concentrated, with the error of each.

Begin with fit.py, which calls the others in order. A claims file is read in bills.py and its members in members.py, rates are
fitted in frequency.py and amounts in severity.py, and overlay.py writes what results as parameter files. The wing knows nothing
of pages and figures.
"""
