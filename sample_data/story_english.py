"""The small case in English, as tables: a phone with four calls. All of it is invented; see README.md.

Times are those of New York. The numbers are of the block kept free for stories (202-555-01xx).
"""

ME = "+12025550117"  # Dana Miller, the borrower
COLLECTOR = "+12025550143"  # Sample Recovery Services
FRIEND = "+12025550128"

NAMES = {COLLECTOR: "Sample Recovery Services", FRIEND: "Sam"}

CALLS = """
2026-02-09 10:12:40  COLLECTOR  missed    0
2026-02-10 18:20:11  FRIEND     out       310
2026-02-12 14:05:33  COLLECTOR  in        39
2026-02-13 09:40:02  FRIEND     in        95
"""
