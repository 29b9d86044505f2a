"""What people see: Streamlit pages that choose, load, compute (by calling ``clusters``) and show."""
