"""The application in the browser: a fund's rules moved by sliders, one bill, a claims file, runs; `fundsim app` serves it.

Read state.py first: what a page has, without a browser; pages.py builds what is seen. Everything that takes time is done in
processes beside (beside.py), so that the page stays alive. This wing computes nothing that another wing computes.
"""
